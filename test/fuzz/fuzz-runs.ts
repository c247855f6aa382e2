/**
 * How long properties search. `npm test` tries a fixed, moderate number of cases with a new seed each time; fast-check prints the seed and
 * the path of a failure. FUZZ_RUNS multiplies the number (`FUZZ_RUNS=100 npm test -- test/fuzz`), FUZZ_SEED repeats a run.
 */
const FACTOR = Number(process.env.FUZZ_RUNS ?? "1");

/** Parameters of `fc.assert` for a property that tries so many cases in an ordinary run. */
export function cases(numRuns: number): { numRuns: number; seed?: number } {
  const seed = process.env.FUZZ_SEED;
  return { numRuns: Math.max(1, Math.round(numRuns * FACTOR)), ...(seed === undefined ? {} : { seed: Number(seed) }) };
}

/** Time limit of a test whose ordinary run is done within seconds. */
export const FUZZ_TIMEOUT = { timeout: 120_000 * Math.max(1, FACTOR) };

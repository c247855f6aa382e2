import { beforeAll, describe, expect, it } from "vitest";
import type { World } from "../jobs/world.ts";
import { audit, goodPass } from "./audit.ts";
import { type Bench, type Standing, standing } from "./bench.ts";
import { CALLS, type VendorCall } from "./calls.ts";
import { FAULTS, type Fault, LONGEST_PAUSE_MS } from "./faults.ts";
import { isFull } from "./full.ts";
import { inject } from "./injection.ts";
import { type Recorded, recordedPass } from "./pass-record.ts";
import { useQuickWaits } from "./quick-waits.ts";
import { type Ending, EXIT_CODE, endingOf, type HowOften } from "./rule.ts";

interface Cell {
  readonly fault: Fault;
  readonly kind: Fault["kind"];
  readonly how: HowOften;
  readonly ending: Ending;
}

/** A cell under way: what was done to which items. */
interface Trial extends Cell {
  readonly call: VendorCall;
  readonly bench: Bench;
  readonly items: readonly string[];
  /** How many calls the fault has met. */
  readonly fired: number;
}

/** Every fault against every call that these jobs make, each in a pass of the real job, and the passes after it. */
export function describeVendorFaults(world: World, jobs: readonly string[]): void {
  const waits = useQuickWaits(CALLS.map(({ endpoint }) => endpoint));
  describe.each(CALLS.filter(({ name }) => jobs.some((job) => name.startsWith(`${job}: `))))("$name", (call) => {
    const cells = cellsOf(call);
    const bench = call.bench(world);
    beforeAll(() => bench.open(cells.length));

    it.for(cells)("$kind, $how: $ending", async (cell, { task }) => {
      const items = await bench.next();
      waits.take();
      const injected = await inject(world, call, cell.fault, cell.how);
      const first = await recordedPass(bench).finally(() => injected.remove());
      const fired = injected.fired();
      expect(fired, "the fault has met the call").toBeGreaterThan(0);
      expectPauses(waits.take(), cell);
      const trial: Trial = { ...cell, call, bench, items, fired };
      expect(first.report.exit.code, JSON.stringify(first.report)).toBe(EXIT_CODE[cell.ending]);
      expectStanding(await standing(bench, items), trial);

      await audit(bench, items, [first, ...(await healingPasses(trial))], task.meta);
    });
  });
}

function cellsOf(call: VendorCall): Cell[] {
  return FAULTS.filter((fault) => applies(fault, call)).flatMap((fault) =>
    howOften(fault, call).map((how) => ({ fault, kind: fault.kind, how, ending: endingOf(call, fault.class, how) })),
  );
}

/** In the short form a write meets every fault, a read one of each class and all that come with a body. */
function howOften({ first, shape }: Fault, { kind }: VendorCall): HowOften[] {
  if (isFull || first) return ["once", "always"];
  return kind === "write" || shape ? ["once"] : [];
}

function applies({ kind, class: about, lingxingOnly }: Fault, call: VendorCall): boolean {
  if (lingxingOnly && !call.endpoint.name.startsWith("lingxing.")) return false;
  const fetchesToken = call.kind === "token" || call.kind === "token once";
  // A call for a token carries no signature, and none but a refresh brings a token along that could have died.
  return !(fetchesToken && (about === "signature refused" || (kind === "token-churn" && call.kind === "token")));
}

function expectStanding(stand: Standing, trial: Trial): void {
  const { call, how, ending, items, bench } = trial;
  const failed = ending === "vendor out" || ending === "not let in";
  if (call.sideBySide && how === "once" && failed) {
    // What is under way beside the call that failed is finished, and how much that is, is a matter of moments.
    const { "as before": asBefore = 0, done = 0, ...others } = stand;
    expect({ all: asBefore + done, others }).toEqual({ all: items.length, others: {} });
    expect(asBefore).toBeGreaterThanOrEqual(bench.perCall);
  } else expect(stand).toEqual(standAfter(trial));
}

/** Where the items are to stand after the pass that met the fault. */
function standAfter({ ending, call, bench, items, fired }: Trial): Standing {
  const hit = Math.min(items.length, fired * bench.perCall);
  const split = (lost: string, others: string): Standing => ({ [lost]: hit, ...(hit < items.length && { [others]: items.length - hit }) });
  switch (ending) {
    case "as if nothing had happened":
      return { done: items.length };
    case "vendor out":
    case "not let in":
      return call.stand ?? { "as before": items.length };
    case "in doubt":
      return split("in flight", "done");
    case "in doubt, vendor out":
      return split("in flight", "as before");
    case "adopted, vendor out":
      return split("done", "as before");
  }
}

/** Between two tries of a throttled call as long as the vendor asked for, and never as long as nobody would wait. */
function expectPauses(asked: readonly number[], { fault, how }: Cell): void {
  if (fault.pauseMs !== undefined) expect(Math.max(0, ...asked)).toBeGreaterThanOrEqual(fault.pauseMs);
  if (how === "once") expect(Math.max(0, ...asked)).toBeLessThanOrEqual(LONGEST_PAUSE_MS);
}

/** The next passes make everything good, and nothing is sent while it may still arrive. */
async function healingPasses({ bench, items, ending, fault, fired }: Trial): Promise<Recorded[]> {
  const next = await goodPass(bench);
  const inDoubt = ending === "in doubt" || ending === "in doubt, vendor out";
  const passes = [next];
  if (inDoubt && fault.class === "lost before") {
    const hit = Math.min(items.length, fired * bench.perCall);
    const effects = [...(await bench.effects(items)).values()];
    expect(
      effects.filter((times) => times === 0),
      "not sent again while it may still arrive",
    ).toHaveLength(hit);
    await bench.graceOver(items);
    passes.push(await goodPass(bench));
  }
  return passes;
}

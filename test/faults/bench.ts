import { afterAll } from "vitest";
import type { RunReport } from "../../src/jobs/run-job.ts";
import type { CallName, SandboxRequest } from "../../src/sandbox/endpoint.ts";
import type { JobName } from "../../src/sync/job-name.ts";
import { useCli } from "../helpers/cli.ts";
import { useTestDatabase } from "../helpers/mysql.ts";
import { type Env, World } from "../jobs/world.ts";

/** How many items stand where. "as before": to the letter as they stood before the pass. */
export type Standing = Readonly<Record<string, number>>;

/** Something a job can do again and again, each time with fresh items, in a world that stays: to bring one about for each cell would take hours. */
export interface Bench {
  readonly world: World;
  readonly job: JobName;
  /** The call that has the effect; for a pull, the one that brings the orders. */
  readonly effect: CallName;
  /** Items that one such call carries. */
  readonly perCall: number;
  /** The settings of a pass. */
  readonly env: Env;
  /** A world for so many cells. */
  open(cells: number): Promise<void>;
  /** Makes the next items due, in the state the cell is about. Their names. */
  next(): Promise<readonly string[]>;
  /** One real pass of the job, in this process. */
  run(env?: Env): Promise<RunReport>;
  /** Where each of them stands. */
  states(items: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Those that a request to `effect` is about. */
  itemsOf(request: SandboxRequest): readonly string[];
  /** How often each of them took effect. */
  effects(items: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** Items that were charged a retry since `next`. */
  charged(items: readonly string[]): Promise<readonly string[]>;
  /** Time goes by, until a lost call can be held for one that never arrived. */
  graceOver(items: readonly string[]): Promise<void>;
}

export async function standing(bench: Bench, items: readonly string[]): Promise<Standing> {
  const counts: Record<string, number> = {};
  for (const state of (await bench.states(items)).values()) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

/** For a whole test file: unlike `useWorld`, what is in it lasts from one test to the next. */
export async function useLastingWorld(): Promise<World> {
  const db = await useTestDatabase();
  const world = new World(db, useCli({ IPASS_DB_DSN: db.dsn }));
  afterAll(() => world.close());
  return world;
}

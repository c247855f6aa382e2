import type { App } from "../app.ts";
import type { DatabaseConfig } from "../config/dsn.ts";
import type { Config, Section } from "../config/env.ts";
import type { DscoClient } from "../dsco/client.ts";
import { ConfigError, IpassError } from "../errors.ts";
import type { LingxingClient } from "../lingxing/client.ts";
import type { Db } from "../store/db.ts";
import type { ServerFacts } from "../store/server-facts.ts";
import type { JobName } from "../sync/job-name.ts";
import { type Finding, fail, notChecked } from "./finding.ts";

/** A database that answers. */
export interface ReachedDatabase {
  readonly config: DatabaseConfig;
  readonly db: Db;
  readonly facts: ServerFacts;
}

/** What every check may use. Nothing of it is sure to be there: that is what doctor is for. */
export interface Context {
  readonly app: App;
  readonly cwd: string;
  /** Jobs that are switched on, and the sections they need. */
  readonly enabled: ReadonlySet<JobName>;
  readonly needed: ReadonlySet<Section>;
  /** @throws BlockedError when there is none: of that, `database.connection` speaks */
  database(): Promise<ReachedDatabase>;
  /** A client that writes nothing. With a database, it signs by that one's clock, as a run does. @throws ConfigError, BlockedError */
  dsco(): Promise<DscoClient>;
  lingxing(): Promise<LingxingClient>;
  /** This host's clock, corrected to the database's where that answers. */
  now(): Promise<Date>;
  /** A section's settings; undefined when they cannot be read: of that, `config.…` speaks. */
  readable<S extends Section>(section: S): Config[S] | undefined;
}

/** One concern. What it throws becomes a finding. */
export interface Check {
  readonly id: string;
  /** It asks a vendor. */
  readonly remote?: true;
  /** What it is when it cannot be made: a failure of its own, or another check's, which then says so. */
  readonly broken: "fail" | "warn";
  run(context: Context, signal: AbortSignal): Promise<Finding | readonly Finding[]>;
}

/** What must be put right before this can be looked at. */
export class BlockedError extends Error {
  readonly first: string;
  constructor(because: string, first: string) {
    super(because);
    this.first = first;
  }
}

/** Time is up: no fault of the check, and no bug. */
export class TimeLimitError extends Error {}

/** Its findings, within so many seconds, whatever happens. */
export async function runCheck(check: Check, context: Context, limitSec: number): Promise<Finding[]> {
  const end = new AbortController();
  const timer = setTimeout(() => end.abort(new TimeLimitError()), limitSec * 1000);
  try {
    return [await Promise.race([check.run(context, end.signal), untilAborted(end.signal)])].flat();
  } catch (error) {
    return [toFinding(check, error, context.app, limitSec)];
  } finally {
    clearTimeout(timer);
  }
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
}

function toFinding({ id, broken }: Check, error: unknown, app: App, limitSec: number): Finding {
  if (error instanceof BlockedError) return notChecked(id, error.message, `first put right what is said of ${error.first}`);
  if (error instanceof ConfigError) {
    const names = error.problems.map(({ name }) => name);
    return notChecked(
      id,
      `${names.join(", ")} cannot be used`,
      `first put right what is said of ${names.map((name) => `config.${name}`).join(", ")}`,
    );
  }
  if (error instanceof TimeLimitError) {
    const text = "see whether this machine reaches it (network, firewall, proxy), then run ipass doctor again";
    return broken === "fail" ? fail(id, `no answer within ${limitSec} s`, text) : notChecked(id, `no answer within ${limitSec} s`, text);
  }
  const known = app.foresee(error);
  const own = broken === "fail" || !(error instanceof IpassError || known.exit === "database");
  return own ? fail(id, known.message, known.nextStep) : notChecked(id, known.message, known.nextStep);
}

import type { App } from "../app.ts";
import type { Config, Section } from "../config/env.ts";
import { ConfigError } from "../errors.ts";
import { JOBS } from "../jobs/index.ts";
import { tryConnect } from "../store/connect-probe.ts";
import { readServerFacts } from "../store/server-facts.ts";
import { JOB_NAMES, type JobName } from "../sync/job-name.ts";
import { Vendors } from "../vendors.ts";
import { BlockedError, type Check, type Context, type ReachedDatabase, runCheck, TimeLimitError } from "./check.ts";
import { CLOCK_CHECKS } from "./checks/clocks.ts";
import { DATABASE_CHECKS } from "./checks/database.ts";
import { envFileCheck, LOCAL_CHECKS } from "./checks/local.ts";
import { MAP_CHECKS } from "./checks/maps.ts";
import { VENDOR_CHECKS } from "./checks/vendors.ts";
import { WORK_CHECKS } from "./checks/work.ts";
import { type Finding, pass } from "./finding.ts";
import { addressOf, judgeConnection } from "./judge/connection.ts";

/** Everything begins at once and nothing goes on for longer: with a few seconds for closing up, under half a minute in the worst case. */
const LIMIT_SEC = 22;
const CONNECT_LIMIT_MS = 8_000;
/** A statement of ours takes milliseconds; one that hangs must not hold up the end. */
const SILENCE_MS = 10_000;

export interface ExamineOptions {
  readonly cwd: string;
  /** What came of reading `.env`. */
  readonly envFailure: ConfigError | undefined;
  /** No vendor is asked anything. */
  readonly offline: boolean;
}

/** Every check's findings, in the order of the checks. Never throws, and takes no longer than half a minute. */
export async function examine(app: App, { cwd, envFailure, offline }: ExamineOptions): Promise<Finding[]> {
  const connection = connect(app);
  const context = await contextOf(app, cwd, connection);
  const checks = [
    envFileCheck(envFailure),
    ...LOCAL_CHECKS,
    connectionCheck(connection),
    ...DATABASE_CHECKS,
    ...CLOCK_CHECKS,
    ...VENDOR_CHECKS,
    ...MAP_CHECKS,
    ...WORK_CHECKS,
  ].filter(({ remote }) => !(offline && remote));
  const found = await Promise.all(checks.map((check) => runCheck(check, context, LIMIT_SEC)));
  return found.flat();
}

type Connection = { readonly reached: ReachedDatabase } | { readonly finding: Finding } | { readonly error: unknown };

/** The database, or why not. Never rejects: several checks wait for it. */
async function connect(app: App): Promise<Connection> {
  try {
    const config = app.config(["database"]).database;
    const failure = await tryConnect(config, CONNECT_LIMIT_MS);
    if (failure !== undefined) return { finding: judgeConnection(failure, config) };
    const db = app.database(config, { silenceMs: SILENCE_MS });
    return { reached: { config, db, facts: await readServerFacts(db) } };
  } catch (error) {
    return { error };
  }
}

function connectionCheck(connection: Promise<Connection>): Check {
  return {
    id: "database.connection",
    broken: "fail",
    async run() {
      const came = await connection;
      if ("finding" in came) return came.finding;
      if ("error" in came) throw came.error;
      return pass("database.connection", addressOf(came.reached.config));
    },
  };
}

async function contextOf(app: App, cwd: string, connection: Promise<Connection>): Promise<Context> {
  const enabled = new Set(JOB_NAMES.filter((job) => isEnabled(app, job)));
  const jobs = await Promise.all([...enabled].map((job) => JOBS[job]()));
  const needed = new Set<Section>(["database", "log", "rules", "admin", "jobs", ...jobs.flatMap(({ needs }) => needs)]);
  const started = performance.now();
  const end = new AbortController();
  setTimeout(() => end.abort(new TimeLimitError()), LIMIT_SEC * 1000).unref(); // it may win against the check's own limit
  const reached = async () => {
    const came = await connection;
    return "reached" in came ? came.reached : undefined;
  };
  const now = async () => new Date(Date.now() + ((await reached())?.facts.ahead.to ?? 0));
  const readable = <S extends Section>(section: S): Config[S] | undefined => {
    try {
      return app.config([section])[section];
    } catch (error) {
      if (error instanceof ConfigError) return undefined;
      throw error;
    }
  };
  const vendors = once(async () => {
    const database = await reached();
    const aheadMs = database?.facts.ahead.to ?? 0;
    return new Vendors({
      config: sectionsFor(readable),
      shared: database && { database: database.config, db: database.db },
      addSecret: (secret) => app.redactor.addSecret(secret),
      dryRun: true,
      log: SILENT,
      redact: (text) => app.redactor.redact(text),
      signal: end.signal,
      remainingMs: () => LIMIT_SEC * 1000 - (performance.now() - started),
      now: () => new Date(Date.now() + aheadMs),
    });
  });
  return {
    app,
    cwd,
    enabled,
    needed,
    readable,
    now,
    async database() {
      const database = await reached();
      if (database === undefined) throw new BlockedError("there is no database to ask", "database.connection");
      return database;
    },
    async dsco() {
      const { auth } = app.config(["dsco"]).dsco;
      if (auth.kind === "client") await tokenStore(reached);
      return (await vendors()).dsco();
    },
    async lingxing() {
      const { auth } = app.config(["lingxing"]).lingxing;
      if (auth.kind === "secret") await tokenStore(reached);
      return (await vendors()).lingxing();
    },
  };
}

/** A token that is fetched must be shared at once: at Lingxing it ends the one that the jobs use. */
async function tokenStore(reached: () => Promise<ReachedDatabase | undefined>): Promise<void> {
  if ((await reached()) === undefined) throw new BlockedError("its token is kept in the database", "database.connection");
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** What doctor asks is told by doctor: the log may be one of the things that do not work. */
const SILENT = { debug: () => undefined, warn: () => undefined };

function sectionsFor(readable: Context["readable"]): Partial<Pick<Config, "dsco" | "lingxing">> {
  const [dsco, lingxing] = [readable("dsco"), readable("lingxing")];
  return { ...(dsco === undefined ? {} : { dsco }), ...(lingxing === undefined ? {} : { lingxing }) };
}

/** A switch that cannot be read counts as on: whoever wrote it meant the job to matter. */
function isEnabled(app: App, job: JobName): boolean {
  try {
    return app.jobConfig(job, []).job.enabled;
  } catch (error) {
    if (error instanceof ConfigError) return true;
    throw error;
  }
}

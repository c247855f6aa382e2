import { readDotEnv } from "./config/dot-env.ts";
import type { DatabaseConfig } from "./config/dsn.ts";
import { type Config, type JobConfig, loadConfig, loadJobConfig, type Section } from "./config/env.ts";
import { secretsOf } from "./config/secrets.ts";
import { IpassError } from "./errors.ts";
import { EXIT, type ExitName } from "./exit-codes.ts";
import { createLog, type Log, type ProcessLog } from "./log.ts";
import { Redactor } from "./redact.ts";
import { type DatabaseOptions, type Db, openDatabase, toDatabaseError } from "./store/db.ts";
import type { JobName } from "./sync/job-name.ts";

/** An error as every command and the HTTP admin show it. */
export interface ReportedError {
  readonly code: number;
  readonly name: ExitName;
  readonly message: string;
  readonly next_step: string;
}

/** A bug: told plainly, with the log as the place to look. */
export class InternalError extends IpassError {
  readonly exit = "internal";
  readonly nextStep = "this is a bug in ipass: please report it, with the lines of error.log that carry this trace_id";
  constructor(cause: unknown) {
    super(`internal error: ${cause instanceof Error ? cause.name : typeof cause}`, { cause });
  }
}

/**
 * The composition root: environment, log and redaction at once; settings, database and vendors when they are asked for, so that
 * a command pays for and checks only what it uses.
 */
export class App implements AsyncDisposable {
  readonly env: NodeJS.ProcessEnv;
  readonly traceId: string;
  readonly redactor = new Redactor();
  readonly log: ProcessLog;
  #db: Db | undefined;

  constructor(env: NodeJS.ProcessEnv, traceId: string) {
    this.env = env;
    this.traceId = traceId;
    this.log = createLog({ dir: loadConfig(env, ["log"]).log.dir, traceId, redact: this.redactor });
  }

  /** The settings of these sections. @throws ConfigError naming every problem in them */
  config<const S extends Section>(sections: readonly S[]): Pick<Config, S> {
    const config = loadConfig(this.env, sections);
    this.#hide(config);
    return config;
  }

  /** A job's settings and its own switches. @throws ConfigError naming every problem in them */
  jobConfig<const S extends Section>(job: JobName, sections: readonly S[]): Pick<Config, S> & { readonly job: JobConfig } {
    const config = loadJobConfig(this.env, job, sections);
    this.#hide(config);
    return config;
  }

  #hide(config: object): void {
    for (const secret of secretsOf(config)) this.redactor.addSecret(secret);
  }

  /** The pool; connects at the first query. The options count for whoever asks first. */
  database(config: DatabaseConfig, options: DatabaseOptions = {}): Db {
    this.#db ??= openDatabase(config, options);
    return this.#db;
  }

  /** Any thrown value as an error with a message fit for an operator, a next step and an exit; a bug is logged with its frames. */
  foresee(error: unknown, log: Log = this.log): IpassError {
    const known = toDatabaseError(error);
    if (known !== undefined) return known;
    log.error("internal_error", { err: error });
    return new InternalError(error);
  }

  report(error: IpassError): ReportedError {
    return {
      code: EXIT[error.exit].code,
      name: error.exit,
      message: this.redactor.redact(error.message),
      next_step: this.redactor.redact(error.nextStep),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#db?.destroy();
    this.log.close();
  }
}

/** Opens an app on this process's environment and the `.env` beside it. */
export function openApp(traceId: string): App {
  readDotEnv(process.cwd(), process.env);
  return new App(process.env, traceId);
}

import type { ExitName } from "./exit-codes.ts";
import type { TaskType } from "./sync/stage.ts";

/**
 * An error somebody foresaw: its message is fit for an operator, `nextStep` says what to do, `exit` is how the process ends
 * if nothing handles it. Anything that is not an IpassError is a bug: exit 1.
 */
export abstract class IpassError extends Error {
  abstract readonly exit: ExitName;
  abstract readonly nextStep: string;
  override get name(): string {
    return this.constructor.name;
  }
}

/** The command line asks for something that does not exist. */
export class UsageError extends IpassError {
  readonly exit = "usage";
  readonly nextStep: string;
  constructor(message: string, nextStep: string, options?: ErrorOptions) {
    super(message, options);
    this.nextStep = nextStep;
  }
}

/** A safety guard or a forbidden transition: nothing was changed. */
export class RefusedByGuardError extends IpassError {
  readonly exit = "refused";
  readonly nextStep: string;
  constructor(message: string, nextStep: string, options?: ErrorOptions) {
    super(message, options);
    this.nextStep = nextStep;
  }
}

export interface ConfigProblem {
  readonly name: string;
  /** What was given, secrets masked; undefined when the variable is unset. */
  readonly given: string | undefined;
  readonly expected: string;
}

/** Every wrong or missing setting at once. */
export class ConfigError extends IpassError {
  readonly exit = "configuration";
  readonly nextStep = "correct these in the environment or .env and run again; .env.example describes each one";
  readonly problems: readonly ConfigProblem[];
  constructor(problems: readonly ConfigProblem[]) {
    const lines = problems.map(
      ({ name, given, expected }) => `${name}: ${given === undefined ? "not set" : `got ${given}`}; expected ${expected}`,
    );
    super(`configuration: ${problems.length} problem${problems.length === 1 ? "" : "s"}\n${lines.map((line) => `  ${line}`).join("\n")}`);
    this.problems = problems;
  }
}

/** The database is away or refuses us. */
export class DatabaseError extends IpassError {
  readonly exit = "database";
  readonly nextStep: string;
  constructor(
    message: string,
    nextStep = "check that the database runs and IPASS_DB_DSN is right, then run again; nothing that was committed is lost",
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.nextStep = nextStep;
  }
}

/** The job's lock went away under us: another runner may have started, so nothing more is written. */
export class LockLostError extends DatabaseError {
  constructor(lockName: string, options?: ErrorOptions) {
    super(
      `the lock ${lockName} was lost`,
      "the next pass settles what was in flight; if this repeats, look for a proxy or a short wait_timeout before MySQL",
      options,
    );
  }
}

/** A row we had claimed was changed by somebody else: of two runs, the slower one stops here. */
export class LostRowError extends DatabaseError {
  constructor(dscoOrderIds: readonly string[], stage: string) {
    super(
      `lost ${dscoOrderIds.length} claimed row(s) at ${stage}: ${dscoOrderIds.slice(0, 5).join(", ")}`,
      "the next pass settles what was in flight",
    );
  }
}

/** Another run of the same job is at work. */
export class LockedError extends IpassError {
  readonly exit = "locked";
  readonly nextStep = "wait for it to end, or pass --on-locked skip (cron) or --on-locked wait=<seconds>";
}

/** What a job may meet while it talks to a vendor; the class is the recovery. */
export abstract class SyncError extends IpassError {
  abstract readonly recovery: "retry" | "look-up" | "split" | "ask-human" | "end-pass";
}

/** It provably never arrived (refused connection, 429, 3001008): send again, within the pass's budget. */
export class NotDeliveredError extends SyncError {
  readonly recovery = "retry";
  readonly exit = "vendor";
  readonly nextStep = "nothing to do: it is sent again by itself";
  /** What the vendor asked for in Retry-After, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  constructor(message: string, retryAfterMs?: number, options?: ErrorOptions) {
    super(message, options);
    this.retryAfterMs = retryAfterMs;
  }
}

/** A write whose answer was lost. Only a read may say what became of it. */
export class InDoubtError extends SyncError {
  readonly recovery = "look-up";
  readonly exit = "vendor";
  readonly nextStep = "nothing to do: the next pass asks the vendor what became of it";
}

/** The vendor understood the whole request and refused it; nothing in it took effect. A batch is halved until the bad record is alone. */
export class RefusedError extends SyncError {
  readonly recovery = "split";
  readonly exit = "partial";
  readonly nextStep = "read the vendor's reason; correct the order or the setting it names, then requeue";
  /** The vendor's own code, or the HTTP status. */
  readonly code: string;
  constructor(message: string, code: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** They said no and will say no again, or the data cannot be sent. */
export class NeedsHumanError extends SyncError {
  readonly recovery = "ask-human";
  readonly exit = "partial";
  readonly taskType: TaskType;
  readonly nextStep: string;
  constructor(taskType: TaskType, message: string, nextStep: string, options?: ErrorOptions) {
    super(message, options);
    this.taskType = taskType;
    this.nextStep = nextStep;
  }
}

/**
 * The vendor is down, throttles past the budget, or refuses our credentials: the pass ends, no order is charged.
 * Thrown for a write only when the write provably did not arrive; otherwise it is an InDoubtError.
 */
export class OutageError extends SyncError {
  readonly recovery = "end-pass";
  readonly exit: "credentials" | "vendor";
  readonly nextStep: string;
  constructor(exit: "credentials" | "vendor", message: string, nextStep: string, options?: ErrorOptions) {
    super(message, options);
    this.exit = exit;
    this.nextStep = nextStep;
  }
}

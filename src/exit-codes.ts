/** What a run or command tells its caller. Numbers are a contract with crontabs and scripts: never reused, pinned by a test. */
export const EXIT = {
  ok: { code: 0, meaning: "done, nothing to do, only waiting, or locked with --on-locked skip" },
  internal: { code: 1, meaning: "internal error: a bug in ipass, please report it with the log" },
  usage: { code: 2, meaning: "wrong flag, unknown job or id, watermark of the wrong shape" },
  partial: { code: 3, meaning: "at least one item failed or went to a person, and is recorded" },
  refused: { code: 4, meaning: "a safety guard or a forbidden transition said no" },
  configuration: { code: 10, meaning: "a setting is missing or wrong" },
  locked: { code: 11, meaning: "another run of this job holds the lock" },
  credentials: { code: 12, meaning: "a vendor refused our credentials, signature or IP address" },
  database: { code: 13, meaning: "the database cannot be reached, or the lock was lost" },
  vendor: { code: 14, meaning: "a vendor is down or throttles past the budget; progress is kept" },
  deadline: { code: 15, meaning: "--max-duration reached; progress is kept" },
  findings: { code: 20, meaning: "doctor found something wrong" },
  sigint: { code: 130, meaning: "interrupted (SIGINT); progress is kept" },
  sigterm: { code: 143, meaning: "terminated (SIGTERM); progress is kept" },
} as const;

export type ExitName = keyof typeof EXIT;
export type ExitCode = (typeof EXIT)[ExitName]["code"];
export interface Exit {
  readonly code: ExitCode;
  readonly name: ExitName;
}

/** The order in which one exit hides another when several apply: what ended the run first, then what it left behind. */
const PRECEDENCE: readonly ExitName[] = [
  "sigint",
  "sigterm",
  "internal",
  "database",
  "credentials",
  "configuration",
  "refused",
  "vendor",
  "deadline",
  "partial",
  "findings",
  "locked",
  "usage",
  "ok",
];

export function exit(name: ExitName): Exit {
  return { code: EXIT[name].code, name };
}

/** The exit to report when several apply; `ok` when none does. */
export function worstExit(names: Iterable<ExitName>): Exit {
  const applying = new Set(names);
  return exit(PRECEDENCE.find((name) => applying.has(name)) ?? "ok");
}

/** The boundaries at which a process may be killed: around each write to the database, each commit and each request. */
export const FAILPOINTS = ["write.before", "write.after", "commit.before", "commit.after", "request.leaving", "request.answered"] as const;
export type Failpoint = (typeof FAILPOINTS)[number];

/**
 * Nothing, and compiled away with its arguments as long as they are plain names. The crash tests build ipass with a module of their own in
 * this one's place, in which the process kills itself (test/crash/live-failpoint.ts). `of` is what is written or sent, `within` the
 * transaction it is part of.
 */
export function failpoint(_at: Failpoint, _of: unknown, _within?: unknown): void {
  // deliberately nothing
}

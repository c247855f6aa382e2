/** An answer as it came, before anybody believed it. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** What an answer (or its absence) says about the request. */
export type Verdict = Accepted | Problem;

export interface Accepted {
  readonly kind: "ok";
  /** The body, where judging it took parsing it. */
  readonly parsed?: unknown;
  readonly requestId?: string | undefined;
}

export type ProblemKind =
  | "undelivered" // it never left, or never reached the vendor
  | "throttled" // turned away at the door: 429, 3001008
  | "broken" // it may or may not have taken effect: no answer, half an answer, a server fault
  | "expired" // our token is no longer good
  | "unsigned" // our signature was not accepted
  | "credentials" // they do not let us in, whatever we send
  | "misrouted" // it reached something that is not the API
  | "refused"; // understood and rejected

export interface Problem {
  readonly kind: ProblemKind;
  /** The vendor's code, the HTTP status, or the system's error code. */
  readonly code: string;
  readonly reason: string;
  readonly requestId?: string | undefined;
  /** Least wait before the second try, doubling from there. */
  readonly floorMs?: number;
  /** What an operator can do, where it is known better than in general. */
  readonly nextStep?: string;
}

/**
 * again: another try, and when the tries are spent the vendor is out. look-up: only a read may say what happened. once-more: one repeat with
 * a new token or signature, then as end-pass. refuse: the vendor's no goes to the caller. end-pass: nothing will succeed now.
 */
export type Remedy = "again" | "look-up" | "once-more" | "refuse" | "end-pass";

/** The one table from problem to remedy. `once` stands for every request that must not take effect twice. */
export const REMEDY: Readonly<Record<ProblemKind, { readonly repeatable: Remedy; readonly once: Remedy }>> = {
  undelivered: { repeatable: "again", once: "again" },
  throttled: { repeatable: "again", once: "again" },
  broken: { repeatable: "again", once: "look-up" },
  expired: { repeatable: "once-more", once: "once-more" },
  unsigned: { repeatable: "once-more", once: "once-more" },
  credentials: { repeatable: "end-pass", once: "end-pass" },
  misrouted: { repeatable: "end-pass", once: "end-pass" },
  refused: { repeatable: "refuse", once: "refuse" },
};

/** The one table from HTTP status to problem; undefined for a 2xx, whose body decides. */
export function statusProblem(status: number): ProblemKind | undefined {
  if (status >= 200 && status < 300) return undefined;
  if (status === 401) return "expired";
  if (status === 403) return "credentials";
  if (status === 429) return "throttled";
  if (status === 408 || status >= 500 || status < 400) return "broken"; // a redirect is not followed: it would turn a POST into a GET
  return "refused";
}

/** Systems errors that come before the first byte of a request. */
const BEFORE_SENDING: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "UND_ERR_CONNECT_TIMEOUT",
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "ERR_TLS_CERT_ALTNAME_INVALID",
]);

/** What became of a request whose fetch threw. The thrown error itself holds the URL and the headers, so nothing of it is passed on. */
export function transportProblem(error: unknown): Problem {
  const code = systemCode(error) ?? (error instanceof Error ? error.name : "unknown");
  const kind = isBeforeSending(error) ? "undelivered" : "broken";
  const what =
    code === "TimeoutError" ? "no complete answer in time" : kind === "undelivered" ? "could not connect" : "the connection broke";
  return { kind, code, reason: `${what} (${code})` };
}

function isBeforeSending(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.length > 0 && error.errors.every(isBeforeSending); // one per address tried
  if (!(error instanceof Error)) return false;
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (syscall === "connect" || (code !== undefined && BEFORE_SENDING.has(code))) return true;
  return isBeforeSending(error.cause);
}

function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const inner = systemCode(error.cause) ?? (error instanceof AggregateError ? systemCode(error.errors[0]) : undefined);
  const { code } = error as NodeJS.ErrnoException;
  const own = typeof code === "string" && /^[A-Z][A-Z0-9_]{2,40}$/.test(code) ? code : undefined;
  return inner ?? own ?? (error.name === "TimeoutError" ? "TimeoutError" : undefined);
}

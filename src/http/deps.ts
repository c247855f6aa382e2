import type { SharedLock } from "./limiter.ts";

export interface HttpLog {
  debug(event: string, fields?: Record<string, unknown>): void;
  warn(event: string, fields?: Record<string, unknown>): void;
}

/** One attempt, for counts. */
export interface CallEvent {
  readonly endpoint: string;
  /** HTTP status, 0 when there was no answer. */
  readonly status: number;
  readonly ms: number;
  readonly attempt: number;
  /** The vendor turned it away for coming too fast. */
  readonly throttled: boolean;
  readonly requestId?: string;
}

/** What a client needs of the pass it works for. */
export interface HttpDeps {
  /** An endpoint that writes is then never called. */
  readonly dryRun: boolean;
  readonly log: HttpLog;
  /** Takes secrets and personal data out of a text from the vendor. */
  readonly redact: (text: string) => string;
  /** The end of the pass (deadline, SIGTERM): no wait and no attempt begins after it; a write already on its way is let finish. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds left to the pass; a longer wait is not begun. */
  readonly remainingMs?: (() => number) | undefined;
  readonly sleep?: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
  readonly random?: () => number;
  readonly now?: () => Date;
  readonly onCall?: ((event: CallEvent) => void) | undefined;
  /** For the vendor's buckets of one, which all processes share. */
  readonly withSharedLock?: SharedLock | undefined;
}

import type { ChangeLog, LogEntry } from "../dsco/reports.ts";

/** A change log is kept two weeks, but meant to be read within hours; after a day its silence says nothing. */
const REQUEST_ID_LIFE_MS = 24 * 3600_000;
/** Clocks and queues: an entry this much older than our sending may still be ours. */
export const SENT_LEEWAY_MS = 2_000;

/** What a log says of one order. `lost`: the log will not tell any more, so the order itself must be looked at. */
export type Logged =
  | { readonly is: "success"; readonly requestId: string | undefined }
  | { readonly is: "failure"; readonly reason: string; readonly requestId: string | undefined }
  | { readonly is: "open" }
  | { readonly is: "lost" };

/** The outcome of one order in the log of its request. A failure beats a success: DSCO may write both for one object. */
export function decideLogged(log: ChangeLog, key: string): Logged {
  const entries = log.entries.filter((entry) => entry.keyKind === undefined && entry.key === key);
  return settled(entries) ?? (log.completed && entries.length === 0 ? { is: "lost" } : { is: "open" });
}

/**
 * The outcome of an order whose request id was lost, in a log asked for by time: only entries of the right kind since it was sent;
 * older ones of the same order are not ours.
 */
export function decideLoggedSince(log: ChangeLog, key: string, about: LogEntry["about"], sentAt: Date): Logged {
  const since = sentAt.getTime() - SENT_LEEWAY_MS;
  const ours = log.entries.filter(
    (entry) => entry.keyKind === undefined && entry.key === key && entry.about === about && entry.processedAt.getTime() >= since,
  );
  return settled(ours) ?? (ours.length > 0 ? { is: "open" } : { is: "lost" });
}

function settled(entries: readonly LogEntry[]): Logged | undefined {
  const failure = entries.find((entry) => entry.status === "failure");
  if (failure !== undefined)
    return { is: "failure", reason: failure.reason === "" ? "refused without a reason" : failure.reason, requestId: failure.requestId };
  const success = entries.find((entry) => entry.status === "success");
  return success === undefined ? undefined : { is: "success", requestId: success.requestId };
}

/** Whether the log of its own request can still be asked. */
export function canAskLog(requestId: string | undefined, sentAt: Date | undefined, now: Date): requestId is string {
  return requestId !== undefined && sentAt !== undefined && now.getTime() - sentAt.getTime() < REQUEST_ID_LIFE_MS;
}

/** The vendor's published limits of one endpoint; what is left out is not limited. */
export interface Limit {
  readonly perSecond?: number;
  readonly perMinute?: number;
  /** Requests under way at once in this process. */
  readonly inFlight?: number;
  /** One request at a time across all processes (a bucket of one). */
  readonly exclusive?: boolean;
}

/** An endpoint is data: what it is called in logs and errors, whether it changes anything at the vendor, and its limits. */
export interface Endpoint {
  /** As in logs, counts and errors, such as "dsco.order_page". */
  readonly name: string;
  readonly method: "GET" | "POST";
  readonly path: string;
  /** It changes something at the vendor: never sent under --dry-run, never sent twice when its answer was lost. */
  readonly write: boolean;
  /** Covers the whole answer, body included. */
  readonly timeoutMs: number;
  readonly limit: Limit;
  /** Most bytes of JSON body the vendor takes; a larger one is refused before it leaves. */
  readonly maxBodyBytes?: number;
}

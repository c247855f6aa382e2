import type { IncomingHttpHeaders } from "node:http";

/** Short names of the vendors' calls, as faults and statistics use them. One name may cover a single call and its batch. */
export const CALL_NAMES = [
  "token",
  "hello",
  "order_page",
  "order_get",
  "order_log",
  "ack",
  "ship",
  "invoice",
  "invoice_get",
  "invoice_log",
  "inventory",
  "inventory_get",
  "inventory_log",
  "dsco_warehouses",
  "create",
  "list",
  "wms",
  "stock",
  "warehouses",
  "logistics",
  "stores",
  "token_issue",
  "token_refresh",
] as const;
export type CallName = (typeof CALL_NAMES)[number];

/** What goes back over the wire. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Called once the answer has left or the connection is gone. */
  readonly onSent?: () => void;
}

export interface SandboxRequest {
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Published limits: DSCO counts requests in time, Lingxing counts requests in flight. */
export interface Limit {
  readonly perSecond?: number;
  readonly perMinute?: number;
  readonly inFlight?: number;
}

export interface Endpoint {
  readonly vendor: "dsco" | "lingxing";
  readonly method: "GET" | "POST";
  /** Below the vendor's prefix. */
  readonly path: string;
  readonly call: CallName;
  readonly limit: Limit;
  handle(request: SandboxRequest): Answer | Promise<Answer>;
}

/** How a vendor words what every gateway has to say. */
export interface Dialect {
  readonly maxBodyBytes: number;
  notFound(path: string): Answer;
  wrongMethod(method: string): Answer;
  tooLarge(): Answer;
  throttled(): Answer;
  unauthorised(): Answer;
  badSignature(): Answer;
  lateSignature(): Answer;
  serverError(status: 500 | 503): Answer;
}

/** Thrown by a handler that answers with a refusal. */
export class Refusal extends Error {
  readonly answer: Answer;
  constructor(answer: Answer) {
    super(`refused with HTTP ${answer.status}`);
    this.answer = answer;
  }
}

export function jsonAnswer(status: number, body: string): Answer {
  return { status, body, contentType: "application/json;charset=UTF-8" };
}

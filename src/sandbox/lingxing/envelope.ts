import { randomUUID } from "node:crypto";
import { type Answer, type Dialect, jsonAnswer, Refusal } from "../endpoint.ts";
import { type Json, writeJson } from "../json.ts";
import { beijingText } from "./beijing-text.ts";

/** The vendor names no bound for bodies. */
const MAX_BODY_BYTES = 20_000_000;

/** Lingxing's way to answer: HTTP 200 whatever happened, and a code that may be a number or a text. */
export class LingxingDialect implements Dialect {
  readonly maxBodyBytes = MAX_BODY_BYTES;
  readonly #now: () => Date;

  constructor(now: () => Date) {
    this.#now = now;
  }

  notFound(_path: string): Answer {
    return { status: 405, body: "<html><head><title>405 Not Allowed</title></head><body></body></html>", contentType: "text/html" };
  }
  wrongMethod(method: string): Answer {
    return this.notFound(method);
  }
  tooLarge(): Answer {
    return { status: 413, body: "<html><head><title>413 Request Entity Too Large</title></head></html>", contentType: "text/html" };
  }
  throttled(): Answer {
    return this.gateway("3001008", "new requests too frequently, token bucket has no token");
  }
  unauthorised(): Answer {
    return this.gateway("2001003", "access token is missing or expired");
  }
  badSignature(): Answer {
    return this.gateway("2001006", "api sign not correct");
  }
  lateSignature(): Answer {
    return this.gateway("2001007", "api sign has expired");
  }
  serverError(status: 500 | 503): Answer {
    if (status === 503) return { status, body: "<html><body>503 Service Temporarily Unavailable</body></html>", contentType: "text/html" };
    return jsonAnswer(200, writeJson({ code: 500, message: "内部错误", ...this.#tail(false), data: null }));
  }

  /** Errors of the gateway and of tokens: a text code and `msg`. */
  gateway(code: string, msg: string): Answer {
    return jsonAnswer(200, JSON.stringify({ code, msg, data: null }));
  }

  refuse(code: string, msg: string): Refusal {
    return new Refusal(this.gateway(code, msg));
  }

  /** Invalid parameters: a number code, and the reasons in `error_details`. */
  invalid(problems: readonly string[]): Refusal {
    const body = { code: 102, message: problems[0] ?? "参数错误", error_details: problems, ...this.#tail(true), data: null };
    return new Refusal(jsonAnswer(200, writeJson(body)));
  }

  /** Success on `/pb/...`; `data` is JSON text already. */
  pb(data: string): Answer {
    const head = JSON.stringify({ code: 0, message: "操作成功", ...this.#tail(true) });
    return jsonAnswer(200, `${head.slice(0, -1)},"data":${data}}`);
  }

  /** Success on `/erp/...`, where the total stands beside the data. */
  erp(rows: readonly string[], total: number): Answer {
    const head = JSON.stringify({ code: 0, message: "success", error_details: [], ...this.#tail(false) });
    return jsonAnswer(200, `${head.slice(0, -1)},"data":[${rows.join(",")}],"total":${total}}`);
  }

  #tail(pb: boolean): Record<string, Json> {
    const nowMs = this.#now().getTime();
    return { request_id: pb ? `${randomUUID()}.${nowMs}` : randomUUID(), response_time: beijingText(nowMs) };
  }
}

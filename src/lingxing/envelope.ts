import type { Endpoint } from "../http/endpoint.ts";
import { parseLossless } from "../http/lossless-json.ts";
import { type Problem, type RawAnswer, statusProblem, type Verdict } from "../http/verdict.ts";

/** What a code in a Lingxing answer means. Most come with HTTP 200. */
type CodeRule = Pick<Problem, "kind" | "floorMs" | "nextStep">;

const CHECK_APP = "check IPASS_LINGXING_APP_ID and IPASS_LINGXING_APP_SECRET against Lingxing's open platform page";
const CHECK_GRANT = "have the interface granted to this appId on Lingxing's open platform page (or its grant renewed)";
const CHECK_URL = "check IPASS_LINGXING_BASE_URL: it should be the bare host, such as https://openapi.lingxing.com";

/** The one table of codes; `ruleOf` says what becomes of those not in it. */
const CODE_RULES: Readonly<Record<string, CodeRule>> = {
  "2001001": { kind: "credentials", nextStep: CHECK_APP },
  "2001002": { kind: "credentials", nextStep: CHECK_APP },
  "0001001": { kind: "credentials", nextStep: CHECK_APP },
  "2001003": { kind: "expired" },
  "2001005": { kind: "expired" },
  "2001008": { kind: "expired" },
  "2001009": { kind: "expired" },
  "2001004": { kind: "credentials", nextStep: CHECK_GRANT },
  "403": { kind: "credentials", nextStep: CHECK_GRANT },
  "401": { kind: "credentials", nextStep: "the appId is disabled: have it enabled on Lingxing's open platform page" },
  "2001006": {
    kind: "unsigned",
    nextStep: "check that IPASS_LINGXING_APP_ID is the app the token was issued for; if it is, report a bug in the signature",
  },
  "2001007": {
    kind: "unsigned",
    nextStep: "set this host's clock (NTP): Lingxing refuses a signature whose timestamp is more than two minutes off",
  },
  "3001001": { kind: "misrouted", nextStep: "a proxy strips the query string, or ipass has a bug: please report it with the log" },
  "3001002": {
    kind: "credentials",
    nextStep:
      "add this host's public IP address (curl -s https://toolbox.lingxing.com/api/getIp) to the app's whitelist on Lingxing's open platform page",
  },
  "3001008": { kind: "throttled", floorMs: 2_000 }, // no bucket token: wait 2 s, 4 s, 8 s
  "103": { kind: "throttled", floorMs: 4_000 }, // throttled further in, for longer
  "500": { kind: "broken" },
};

const OK_CODES: ReadonlySet<string> = new Set(["0"]);

/**
 * Judges an answer by its envelope: `code` (number or text), `message` or `msg`, `error_details` of any shape. An answer without a readable
 * envelope is judged by its HTTP status.
 */
export function inspectEnvelope(answer: RawAnswer, _endpoint: Endpoint, okCodes: ReadonlySet<string> = OK_CODES): Verdict {
  const envelope = readEnvelope(answer.text);
  const byStatus = statusProblem(answer.status);
  if (envelope?.code === undefined) return withoutCode(answer.status, byStatus, envelope);
  const { code, requestId } = envelope;
  if (okCodes.has(code) && byStatus === undefined) return { kind: "ok", parsed: envelope.body, requestId };
  const rule = ruleOf(code, envelope.reason) ?? { kind: byStatus ?? "broken" };
  return { ...rule, code, requestId, reason: `${envelope.reason || "no reason given"} (code ${code})` };
}

/**
 * Codes beginning 2001 and 3001 come from the gateway, before any effect. 1xx are the business layer's rejections, like 102. Any other code
 * may have been given half way through the work, so a write that meets one is looked up rather than taken as refused.
 */
function ruleOf(code: string, reason: string): CodeRule | undefined {
  if ((code === "400" && reason.includes("服务不存在")) || (code === "500" && reason.includes("NOT_FOUND"))) {
    return { kind: "misrouted", nextStep: CHECK_URL };
  }
  const known = CODE_RULES[code];
  if (known !== undefined) return known;
  if (/^2001\d{3}$/.test(code)) return { kind: "credentials" };
  if (/^3001\d{3}$/.test(code)) return { kind: "misrouted" };
  if (/^1\d{2}$/.test(code) || code === "400" || code === "10000") return { kind: "refused" };
  return undefined;
}

function withoutCode(status: number, byStatus: Problem["kind"] | undefined, envelope: Envelope | undefined): Verdict {
  if (byStatus === undefined && envelope === undefined) return { kind: "ok" }; // not JSON: whoever parses it will say so
  const code = String(status);
  const reason = envelope?.reason || `HTTP ${status}`;
  if (byStatus === undefined) return { kind: "broken", code, reason: "an answer without a code" };
  if (status === 404 || status === 405) return { kind: "misrouted", code, reason, nextStep: CHECK_URL };
  return { kind: byStatus, code, reason, ...(byStatus === "throttled" && { floorMs: 2_000 }) };
}

interface Envelope {
  readonly body: unknown;
  readonly code: string | undefined;
  readonly reason: string;
  readonly requestId: string | undefined;
}

function readEnvelope(text: string): Envelope | undefined {
  let body: unknown;
  try {
    body = parseLossless(text);
  } catch {
    return undefined; // HTML, or cut off
  }
  if (typeof body !== "object" || body === null || Array.isArray(body)) return undefined;
  const fields = body as Record<string, unknown>;
  const reason = [fields.message ?? fields.msg, ...detailTexts(fields.error_details ?? fields.errorDetails)];
  return {
    body,
    code: shortText(fields.code),
    reason: reason.map(shortText).filter(Boolean).join("; "),
    requestId: shortText(fields.request_id ?? fields.requestId)?.replace(/[^\w.:-]/g, ""),
  };
}

/** `error_details` is a list of texts, of objects, one text, or absent. Of an object only what is meant as a message is taken. */
function detailTexts(details: unknown): unknown[] {
  const list = Array.isArray(details) ? details : [details];
  return list.slice(0, 5).map((one) => {
    if (typeof one !== "object" || one === null) return one;
    const { message, msg, error_message } = one as Record<string, unknown>;
    return message ?? msg ?? error_message;
  });
}

function shortText(value: unknown): string | undefined {
  if (typeof value !== "string" && typeof value !== "number") return undefined;
  return String(value).trim().slice(0, 200) || undefined;
}

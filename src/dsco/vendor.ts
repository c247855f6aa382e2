import type { Endpoint } from "../http/endpoint.ts";
import { parseLossless } from "../http/lossless-json.ts";
import type { TokenSource } from "../http/shared-token.ts";
import type { Vendor } from "../http/vendor.ts";
import { type RawAnswer, statusProblem, type Verdict } from "../http/verdict.ts";
import { messagesText, scalarText } from "./messages.ts";

export const DSCO_CREDENTIALS_STEP = "check IPASS_DSCO_TOKEN (or IPASS_DSCO_CLIENT_ID and IPASS_DSCO_CLIENT_SECRET) against the account";
export const DSCO_OUTAGE_STEP =
  "nothing to do: the next pass goes on from here; if it lasts for two hours, ask DSCO support with the request id";

/** Wait at least this long after a 429, doubling: DSCO names no quota headers. */
const THROTTLE_FLOOR_MS = 1_000;

/** How DSCO's calls are authenticated and judged. */
export function dscoVendor(baseUrl: string, token: TokenSource): Vendor {
  return {
    baseUrl,
    credentialsStep: DSCO_CREDENTIALS_STEP,
    outageStep: DSCO_OUTAGE_STEP,
    token: () => token.get(),
    prepare(attempt, accessToken = "") {
      attempt.headers.set("authorization", `bearer ${accessToken}`);
      attempt.secrets.push(accessToken);
    },
    inspect: inspectDsco,
    renew: (refused) => token.renew(refused),
  };
}

/**
 * The status decides, and of a write's 2xx also the envelope: it may carry `status: "failure"` or `success: false`. An error body may be
 * absent, text, `{error}`, or `{status, requestId, messages[]}`.
 */
export function inspectDsco(answer: RawAnswer, endpoint: Endpoint): Verdict {
  const kind = statusProblem(answer.status);
  if (kind === undefined && !endpoint.write) return { kind: "ok" };
  const body = readObject(answer.text);
  const requestId = readRequestId(body);
  const said = reasonOf(body);
  if (kind !== undefined) {
    const reason = `HTTP ${answer.status}${said === "" ? "" : `: ${said}`}`;
    return { kind, code: String(answer.status), reason, requestId, ...(kind === "throttled" && { floorMs: THROTTLE_FLOOR_MS }) };
  }
  if (body?.status === "failure" || body?.success === false) {
    return { kind: "refused", code: String(answer.status), reason: said || "refused without a reason", requestId };
  }
  return { kind: "ok", requestId };
}

function readObject(text: string): Record<string, unknown> | undefined {
  try {
    const body = parseLossless(text);
    return typeof body === "object" && body !== null && !Array.isArray(body) ? (body as Record<string, unknown>) : undefined;
  } catch {
    return undefined; // no body, plain text or HTML: the status says enough
  }
}

function readRequestId(body: Record<string, unknown> | undefined): string | undefined {
  return typeof body?.requestId === "string" ? body.requestId.replace(/[^\w.:-]/g, "").slice(0, 100) : undefined;
}

/** `messages[]`, or the `{error}` of the token call. */
function reasonOf(body: Record<string, unknown> | undefined): string {
  return [messagesText(body?.messages), scalarText(body?.error), scalarText(body?.error_description)].filter(Boolean).join("; ");
}

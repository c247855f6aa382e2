import { createHash } from "node:crypto";
import type { Outgoing } from "../http/outgoing.ts";
import type { TokenSource } from "../http/shared-token.ts";
import type { Vendor } from "../http/vendor.ts";
import { inspectEnvelope } from "./envelope.ts";
import { signLingxing } from "./sign.ts";

export const LINGXING_CREDENTIALS_STEP =
  "check IPASS_LINGXING_APP_ID and IPASS_LINGXING_ACCESS_TOKEN or _APP_SECRET; with an app secret the token renews itself";
export const LINGXING_OUTAGE_STEP = "nothing to do: the next pass goes on from here; if it lasts, ask Lingxing with the request id";

/** Codes of a batch whose parts fared differently: the lists in `data` say how (10000 none, 10001 some, 10002 all). */
const BATCH_OK_CODES: ReadonlySet<string> = new Set(["0", "10000", "10001", "10002"]);

/** How Lingxing's business calls are signed and judged. */
export function lingxingVendor(baseUrl: string, appId: string, token: TokenSource, now: () => Date): Vendor {
  return {
    baseUrl,
    credentialsStep: LINGXING_CREDENTIALS_STEP,
    outageStep: LINGXING_OUTAGE_STEP,
    lockScope: `lingxing-${createHash("sha256").update(appId).digest("hex").slice(0, 8)}`,
    token: () => token.get(),
    prepare(attempt: Outgoing, accessToken = "") {
      const common = { access_token: accessToken, app_key: appId, timestamp: String(Math.floor(now().getTime() / 1_000)) };
      const sign = signLingxing({ ...(attempt.json as Record<string, unknown>), ...common }, appId);
      for (const [name, value] of Object.entries({ ...common, sign })) attempt.query.set(name, value);
      attempt.secrets.push(accessToken, sign);
    },
    inspect: (answer, endpoint) => inspectEnvelope(answer, endpoint, endpoint.write ? BATCH_OK_CODES : undefined),
    renew: (refused) => token.renew(refused),
  };
}

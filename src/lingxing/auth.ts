import * as z from "zod";
import { OutageError, RefusedError, SyncError } from "../errors.ts";
import { HttpClient } from "../http/client.ts";
import type { HttpDeps } from "../http/deps.ts";
import type { Endpoint } from "../http/endpoint.ts";
import { SharedToken, StaticToken, type StoredToken, type TokenSource, type TokenStore } from "../http/shared-token.ts";
import type { Vendor } from "../http/vendor.ts";
import { inspectEnvelope } from "./envelope.ts";
import { LINGXING_CREDENTIALS_STEP, LINGXING_OUTAGE_STEP } from "./vendor.ts";

export type LingxingCredentials = { readonly accessToken: string } | { readonly appSecret: string; readonly store: TokenStore };

/** Renewed this long before its end (it lives about two hours), so that none ends under a slow pass. */
const LEAD_MS = 5 * 60_000;

/** Not writes in the sense of a dry run, which may well need a token. One at a time: the bucket is 100 on paper, less in practice. */
export const ISSUE_TOKEN: Endpoint = {
  name: "lingxing.token_issue",
  method: "POST",
  path: "/api/auth-server/oauth/access-token",
  write: false,
  timeoutMs: 60_000,
  limit: { inFlight: 1 },
};
export const REFRESH_TOKEN: Endpoint = { ...ISSUE_TOKEN, name: "lingxing.token_refresh", path: "/api/auth-server/oauth/refresh" };

const AUTH_OK_CODES: ReadonlySet<string> = new Set(["200", "0"]); // "200" as text, unlike everywhere else

const TokenAnswer = z.looseObject({
  data: z.looseObject({
    access_token: z.string().min(1),
    refresh_token: z.string().min(1).optional().catch(undefined),
    expires_in: z.coerce.number().positive(),
  }),
});

/** The key under which the one token of an appId is kept. */
export function lingxingTokenKey(appId: string): string {
  return `lingxing:${appId}`;
}

/**
 * The appId's token: the one from the configuration, or one that all processes share and renew. Issuing a token invalidates the one before,
 * so there must never be two of them.
 */
export function lingxingToken(baseUrl: string, appId: string, credentials: LingxingCredentials, deps: HttpDeps): TokenSource {
  if ("accessToken" in credentials) return new StaticToken(credentials.accessToken);
  const { appSecret, store } = credentials;
  const now = deps.now ?? (() => new Date());
  const http = new HttpClient(authVendor(baseUrl), deps);

  const ask = async (endpoint: Endpoint, multipart: Record<string, string>, repeatable: boolean): Promise<StoredToken> => {
    const issuedAt = now(); // before the call: the token's life may have begun at any moment of it
    const { data } = await http.call(endpoint, { multipart }, TokenAnswer, { repeatable });
    const { access_token, refresh_token, expires_in } = data.data;
    return {
      accessToken: access_token,
      ...(refresh_token !== undefined && { refreshToken: refresh_token }),
      issuedAt,
      expiresAt: new Date(issuedAt.getTime() + expires_in * 1_000),
    };
  };

  return new SharedToken({
    key: lingxingTokenKey(appId),
    store,
    leadMs: LEAD_MS,
    now,
    issue: async () => {
      try {
        return await ask(ISSUE_TOKEN, { appId, appSecret }, true);
      } catch (error) {
        // To a caller with orders in hand, a refusal would look like a refusal of the orders.
        if (error instanceof RefusedError) throw new OutageError("credentials", error.message, LINGXING_CREDENTIALS_STEP);
        throw error;
      }
    },
    refresh: async (refreshToken) => {
      try {
        return await ask(REFRESH_TOKEN, { appId, refreshToken }, false); // it works once: after a lost answer it counts as used
      } catch (error) {
        if (error instanceof SyncError && error.exit !== "vendor") return undefined;
        if (error instanceof SyncError && error.recovery === "look-up") return undefined;
        throw error;
      }
    },
  });
}

/** The token calls are neither signed nor authenticated but by their form, which never leaves in a message. */
function authVendor(baseUrl: string): Vendor {
  return {
    baseUrl,
    credentialsStep: LINGXING_CREDENTIALS_STEP,
    outageStep: LINGXING_OUTAGE_STEP,
    token: async () => undefined,
    prepare(attempt) {
      if (!(attempt.body instanceof FormData)) return;
      for (const name of ["appSecret", "refreshToken"]) {
        const value = attempt.body.get(name);
        if (typeof value === "string") attempt.secrets.push(value);
      }
    },
    inspect: (answer, endpoint) => inspectEnvelope(answer, endpoint, AUTH_OK_CODES),
    renew: async () => false,
  };
}

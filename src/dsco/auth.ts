import * as z from "zod";
import { OutageError, RefusedError } from "../errors.ts";
import { HttpClient } from "../http/client.ts";
import type { HttpDeps } from "../http/deps.ts";
import type { Endpoint } from "../http/endpoint.ts";
import { SharedToken, StaticToken, type TokenSource, type TokenStore } from "../http/shared-token.ts";
import type { Vendor } from "../http/vendor.ts";
import { DSCO_CREDENTIALS_STEP, DSCO_OUTAGE_STEP, inspectDsco } from "./vendor.ts";

export type DscoCredentials =
  | { readonly token: string }
  | { readonly clientId: string; readonly clientSecret: string; readonly store: TokenStore };

/** A token lives an hour. */
const LEAD_MS = 2 * 60_000;

/** Not a write in the sense of a dry run, which needs a token too. */
export const TOKEN: Endpoint = {
  name: "dsco.token",
  method: "POST",
  path: "/oauth2/token",
  write: false,
  timeoutMs: 60_000,
  limit: { inFlight: 1 },
};

const TokenAnswer = z.looseObject({ access_token: z.string().min(1), expires_in: z.coerce.number().positive().catch(3_600) });

/** The key under which a client's token is kept. */
export function dscoTokenKey(clientId: string): string {
  return `dsco:${clientId}`;
}

/** The fixed token from the configuration, or one got with client credentials and shared by all processes. */
export function dscoToken(baseUrl: string, credentials: DscoCredentials, deps: HttpDeps): TokenSource {
  if ("token" in credentials) return new StaticToken(credentials.token);
  const { clientId, clientSecret, store } = credentials;
  const now = deps.now ?? (() => new Date());
  const http = new HttpClient(authVendor(baseUrl, clientSecret), deps);
  return new SharedToken({
    key: dscoTokenKey(clientId),
    store,
    leadMs: LEAD_MS,
    now,
    issue: async () => {
      const issuedAt = now();
      const form = { client_id: clientId, client_secret: clientSecret, grant_type: "client_credentials" };
      try {
        const { data } = await http.call(TOKEN, { form }, TokenAnswer);
        return { accessToken: data.access_token, issuedAt, expiresAt: new Date(issuedAt.getTime() + data.expires_in * 1_000) };
      } catch (error) {
        // 400 invalid_request: to a caller with orders in hand it would look like a refusal of the orders
        if (error instanceof RefusedError) throw new OutageError("credentials", error.message, DSCO_CREDENTIALS_STEP);
        throw error;
      }
    },
  });
}

function authVendor(baseUrl: string, clientSecret: string): Vendor {
  return {
    baseUrl,
    credentialsStep: DSCO_CREDENTIALS_STEP,
    outageStep: DSCO_OUTAGE_STEP,
    token: async () => undefined,
    prepare: (attempt) => void attempt.secrets.push(clientSecret),
    inspect: inspectDsco,
    renew: async () => false,
  };
}

import { randomUUID } from "node:crypto";
import { type Answer, jsonAnswer, type SandboxRequest } from "../endpoint.ts";
import type { SandboxCredentials } from "../options.ts";
import type { DscoDialect } from "./answers.ts";

const TOKEN_LIFE_SEC = 3600;

/** OAuth2 client credentials, and the older fixed key. Several tokens of a client are valid together. */
export class DscoAuth {
  readonly #credentials: SandboxCredentials;
  readonly #dialect: DscoDialect;
  readonly #now: () => Date;
  readonly #minted = new Map<string, number>();

  constructor(credentials: SandboxCredentials, dialect: DscoDialect, now: () => Date) {
    this.#credentials = credentials;
    this.#dialect = dialect;
    this.#now = now;
  }

  /** POST /oauth2/token: a form, not JSON. */
  mint(request: SandboxRequest): Answer {
    if (!hasType(request, "application/x-www-form-urlencoded")) return oauthError(400, "invalid_request", "the body has to be a form");
    const form = new URLSearchParams(request.body.toString("utf8"));
    const { dscoClientId, dscoClientSecret } = this.#credentials;
    if (!form.get("client_id") || !form.get("client_secret")) {
      return oauthError(400, "invalid_request", "client_id and client_secret are required");
    }
    if (form.get("grant_type") !== "client_credentials") {
      return oauthError(400, "invalid_request", "grant_type has to be client_credentials");
    }
    if (form.get("client_id") !== dscoClientId || form.get("client_secret") !== dscoClientSecret) {
      return oauthError(401, "invalid_client", "unknown client or wrong secret");
    }
    const token = `sandbox.${randomUUID()}`;
    this.#minted.set(token, this.#now().getTime() + TOKEN_LIFE_SEC * 1000);
    return jsonAnswer(200, JSON.stringify({ access_token: token, token_type: "Bearer", expires_in: TOKEN_LIFE_SEC }));
  }

  /** Withdraws every token it has given out; the fixed key goes on. */
  endTokens(): void {
    this.#minted.clear();
  }

  /** Every other call: a valid bearer token and the two headers DSCO asks for on each call, GET included. */
  check(request: SandboxRequest): void {
    const token = /^bearer (\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
    if (token === undefined || !this.#isValid(token))
      throw this.#dialect.refuse(401, "unauthorized", "missing, unknown or expired bearer token");
    if (!/application\/json|\*\/\*/i.test(request.headers.accept ?? "")) {
      throw this.#dialect.refuse(406, "notAcceptable", "Accept has to be application/json");
    }
    if (!hasType(request, "application/json")) {
      throw this.#dialect.refuse(415, "unsupportedMediaType", "Content-Type has to be application/json, on GET too");
    }
  }

  #isValid(token: string): boolean {
    return token === this.#credentials.dscoToken || (this.#minted.get(token) ?? 0) > this.#now().getTime();
  }
}

function hasType(request: SandboxRequest, type: string): boolean {
  return (request.headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase() === type;
}

function oauthError(status: number, error: string, description: string): Answer {
  return jsonAnswer(status, JSON.stringify({ error, error_description: description }));
}

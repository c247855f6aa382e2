import { randomUUID } from "node:crypto";
import { type Answer, jsonAnswer, type SandboxRequest } from "../endpoint.ts";
import type { SandboxCredentials } from "../options.ts";
import type { LingxingDialect } from "./envelope.ts";

const LIFE_SEC = 7200;

interface TokenPair {
  readonly access: string;
  readonly refresh: string | undefined;
  readonly expiresMs: number;
}

/** One token pair per appId: whoever fetches a new one ends the old one. Neither call is signed; both want multipart forms. */
export class LingxingTokens {
  readonly #credentials: SandboxCredentials;
  readonly #dialect: LingxingDialect;
  readonly #now: () => Date;
  readonly #usedRefresh = new Set<string>();
  #pair: TokenPair;

  constructor(credentials: SandboxCredentials, dialect: LingxingDialect, now: () => Date) {
    this.#credentials = credentials;
    this.#dialect = dialect;
    this.#now = now;
    this.#pair = { access: credentials.lingxingAccessToken, refresh: undefined, expiresMs: Number.POSITIVE_INFINITY };
  }

  /** POST /api/auth-server/oauth/access-token. */
  async issue(request: SandboxRequest): Promise<Answer> {
    const form = await this.#readForm(request, ["appId", "appSecret"]);
    this.#checkApp(form.get("appId"));
    if (form.get("appSecret") !== this.#credentials.lingxingAppSecret) throw this.#dialect.refuse("2001002", "app secret not correct");
    return this.#newPair();
  }

  /** POST /api/auth-server/oauth/refresh: a refresh token works once. */
  async refresh(request: SandboxRequest): Promise<Answer> {
    const form = await this.#readForm(request, ["appId", "refreshToken"]);
    this.#checkApp(form.get("appId"));
    const given = form.get("refreshToken");
    if (given === undefined || this.#usedRefresh.has(given) || given !== this.#pair.refresh) {
      throw this.#dialect.refuse("2001009", "refresh token is invalid");
    }
    if (this.#pair.expiresMs <= this.#now().getTime()) throw this.#dialect.refuse("2001008", "refresh token expired");
    return this.#newPair();
  }

  /** 2001005: not the current token. 2001003: none, or past its time. */
  check(accessToken: string): void {
    if (accessToken !== this.#pair.access) throw this.#dialect.refuse("2001005", "access token does not match");
    if (this.#pair.expiresMs <= this.#now().getTime()) throw this.#dialect.refuse("2001003", "access token is missing or expired");
  }

  /** Gives out a new pair, to whomever: the one before is dead. */
  replace(): { readonly access: string; readonly refresh: string } {
    if (this.#pair.refresh !== undefined) this.#usedRefresh.add(this.#pair.refresh);
    const pair = { access: randomUUID(), refresh: randomUUID(), expiresMs: this.#now().getTime() + LIFE_SEC * 1000 };
    this.#pair = pair;
    return pair;
  }

  #newPair(): Answer {
    const { access, refresh } = this.replace();
    const data = { access_token: access, refresh_token: refresh, expires_in: LIFE_SEC - 1 };
    return jsonAnswer(200, JSON.stringify({ code: "200", msg: "OK", data }));
  }

  #checkApp(appId: string | undefined): void {
    if (appId !== this.#credentials.lingxingAppId) throw this.#dialect.refuse("2001001", "app not exist");
  }

  async #readForm(request: SandboxRequest, names: readonly string[]): Promise<Map<string, string>> {
    const type = request.headers["content-type"] ?? "";
    if (!/^multipart\/form-data;.*boundary=/i.test(type)) throw this.#dialect.refuse("0001001", "the body has to be multipart/form-data");
    const form = new Map<string, string>();
    try {
      for (const [name, value] of await new Response(request.body, { headers: { "content-type": type } }).formData()) {
        form.set(name, String(value));
      }
    } catch (error) {
      if (error instanceof TypeError) throw this.#dialect.refuse("0001001", "rsa private decrypt error");
      throw error;
    }
    const missing = names.find((name) => !form.get(name));
    if (missing !== undefined) throw this.#dialect.refuse("3001001", `${missing} is missing`);
    return form;
  }
}

import type * as z from "zod";
import { type CallName, Refusal, type SandboxRequest } from "../endpoint.ts";
import { isObject, type Json, readJson } from "../json.ts";
import type { SandboxCredentials, SandboxSettings } from "../options.ts";
import type { LingxingDialect } from "./envelope.ts";
import { expectedSignature } from "./signature.ts";
import type { LingxingTokens } from "./tokens.ts";

const COMMON_PARAMETERS = ["access_token", "app_key", "timestamp", "sign"] as const;
/** A signature is good for so long. */
const SIGNATURE_LIFE_SEC = 120;

/** What Lingxing's gateway checks on every business call: parameters, app, clock, signature, token, and then the fields. */
export class LingxingGate {
  readonly #credentials: SandboxCredentials;
  readonly #dialect: LingxingDialect;
  readonly #tokens: LingxingTokens;
  readonly #settings: SandboxSettings;
  readonly #now: () => Date;

  constructor(
    credentials: SandboxCredentials,
    dialect: LingxingDialect,
    tokens: LingxingTokens,
    settings: SandboxSettings,
    now: () => Date,
  ) {
    this.#credentials = credentials;
    this.#dialect = dialect;
    this.#tokens = tokens;
    this.#settings = settings;
    this.#now = now;
  }

  /** The body, once everything is in order. Throws the vendor's refusal. */
  admit<T>(request: SandboxRequest, call: CallName, schema: z.ZodType<T>): T {
    const { query, headers } = request;
    if (this.#settings.lingxingBlocked) throw this.#dialect.refuse("3001002", "ip not permit, please check the whitelist: 127.0.0.1");
    const missing = COMMON_PARAMETERS.find((name) => !query.get(name));
    if (missing !== undefined) throw this.#dialect.refuse("3001001", `common query parameter ${missing} is missing`);
    const surplus = [...query.keys()].find((name, index, all) => !isCommon(name) || all.indexOf(name) !== index);
    if (surplus !== undefined) throw this.#dialect.refuse("3001001", `query parameter ${surplus} does not belong into the URL of a POST`);
    if (query.get("app_key") !== this.#credentials.lingxingAppId) throw this.#dialect.refuse("2001001", "app not exist");
    this.#checkClock(query.get("timestamp") ?? "");
    if (!/^application\/json\b/i.test(headers["content-type"] ?? ""))
      throw this.#dialect.invalid(["Content-Type has to be application/json"]);
    const text = request.body.toString("utf8");
    const body = this.#readBody(text);
    if (query.get("sign") !== expectedSignature(query, text.trim(), this.#credentials.lingxingAppId)) {
      throw this.#dialect.refuse("2001006", "api sign not correct");
    }
    this.#tokens.check(query.get("access_token") ?? "");
    if (this.#settings.lingxingUngranted.includes(call)) throw this.#dialect.refuse("2001004", "the app has no permission for this api");
    const parsed = schema.safeParse(body);
    if (parsed.success) return parsed.data;
    throw this.#dialect.invalid(parsed.error.issues.slice(0, 20).map(({ path, message }) => `${path.join(".") || "body"}: ${message}`));
  }

  #checkClock(timestamp: string): void {
    if (!/^\d{10}$/.test(timestamp)) throw this.#dialect.refuse("3001001", "timestamp has to be 10 digits");
    if (Math.abs(this.#now().getTime() / 1000 - Number(timestamp)) > SIGNATURE_LIFE_SEC) {
      throw new Refusal(this.#dialect.lateSignature());
    }
  }

  #readBody(text: string): Json {
    try {
      const body = text.trim() === "" ? {} : readJson(text);
      if (isObject(body)) return body;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
    throw this.#dialect.invalid(["the body has to be a JSON object"]);
  }
}

function isCommon(name: string): boolean {
  return (COMMON_PARAMETERS as readonly string[]).includes(name);
}

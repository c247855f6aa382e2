import type { DatabaseConfig } from "./config/dsn.ts";
import type { Config } from "./config/env.ts";
import type { DscoClient } from "./dsco/client.ts";
import type { CallEvent, HttpDeps } from "./http/deps.ts";
import type { StoredToken, TokenStore } from "./http/shared-token.ts";
import type { LingxingClient } from "./lingxing/client.ts";
import type { Db } from "./store/db.ts";
import { withNamedLock } from "./store/lock.ts";
import { SealedTokenStore } from "./store/token-store.ts";

/** A bucket of one may hold a dead client's token for two minutes; whoever waits longer than two such turns waits in vain. */
const SHARED_LOCK_WAIT_SEC = 250;

export type VendorName = "dsco" | "lingxing";

export interface VendorDeps extends Omit<HttpDeps, "withSharedLock" | "onCall"> {
  readonly config: Partial<Pick<Config, "dsco" | "lingxing">>;
  /** Where tokens and locks are shared. Without it nothing is locked, and fixed tokens alone work. */
  readonly shared: { readonly database: DatabaseConfig; readonly db: Db } | undefined;
  readonly addSecret: (secret: string) => void;
  /** Told of every attempt. */
  readonly onCall?: (vendor: VendorName, event: CallEvent) => void;
}

/** The vendors' clients for one pass, each made when it is first used: a pass with nothing to do loads neither. */
export class Vendors {
  readonly #deps: VendorDeps;
  #dsco: Promise<DscoClient> | undefined;
  #lingxing: Promise<LingxingClient> | undefined;

  constructor(deps: VendorDeps) {
    this.#deps = deps;
  }

  dsco(): Promise<DscoClient> {
    this.#dsco ??= this.#openDsco();
    return this.#dsco;
  }

  lingxing(): Promise<LingxingClient> {
    this.#lingxing ??= this.#openLingxing();
    return this.#lingxing;
  }

  async #openDsco(): Promise<DscoClient> {
    const { dsco } = this.#deps.config;
    if (dsco === undefined) throw new Error("this job has not asked for the settings of DSCO");
    const [{ DscoClient }, http] = await Promise.all([import("./dsco/client.ts"), this.#http("dsco")]);
    const { auth, baseUrl } = dsco;
    const credentials =
      auth.kind === "token"
        ? { token: auth.token }
        : { clientId: auth.clientId, clientSecret: auth.clientSecret, store: await this.#tokens(auth.clientSecret) };
    return new DscoClient({ baseUrl, credentials }, http);
  }

  async #openLingxing(): Promise<LingxingClient> {
    const { lingxing } = this.#deps.config;
    if (lingxing === undefined) throw new Error("this job has not asked for the settings of Lingxing");
    const [{ LingxingClient }, http] = await Promise.all([import("./lingxing/client.ts"), this.#http("lingxing")]);
    const { auth, baseUrl, appId } = lingxing;
    const credentials =
      auth.kind === "token" ? { accessToken: auth.accessToken } : { appSecret: auth.appSecret, store: await this.#tokens(auth.appSecret) };
    return new LingxingClient({ baseUrl, appId, credentials }, http);
  }

  async #http(vendor: VendorName): Promise<HttpDeps> {
    const { config: _config, shared, addSecret: _addSecret, onCall, ...deps } = this.#deps;
    return {
      ...deps,
      onCall: (event) => onCall?.(vendor, event),
      withSharedLock: shared && ((name, work) => withNamedLock(shared.database, name, SHARED_LOCK_WAIT_SEC, work, deps.signal)),
    };
  }

  /** Tokens encrypted with a key derived from `secret`; the redactor learns each one before it is used. */
  async #tokens(secret: string): Promise<TokenStore> {
    const { sealToken, openToken } = await import("./http/token-cipher.ts");
    const { shared, addSecret, signal } = this.#deps;
    if (shared === undefined) throw new Error("a token from a secret needs the database, where all processes share it");
    const learn = (token: StoredToken) => {
      addSecret(token.accessToken);
      if (token.refreshToken !== undefined) addSecret(token.refreshToken);
    };
    const codec = {
      seal: (token: StoredToken, key: string) => {
        learn(token);
        return sealToken(token, key, secret);
      },
      open: (text: string, key: string) => {
        const token = openToken(text, key, secret);
        if (token !== undefined) learn(token);
        return token;
      },
    };
    return new SealedTokenStore<StoredToken>(shared.db, shared.database, codec, signal);
  }
}

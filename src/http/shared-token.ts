/** A token as it is kept for all processes. */
export interface StoredToken {
  readonly accessToken: string;
  /** Buys the next token once; absent where the vendor has none. */
  readonly refreshToken?: string | undefined;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}

/** Where processes share tokens. */
export interface TokenStore {
  load(key: string): Promise<StoredToken | undefined>;
  save(key: string, token: StoredToken): Promise<void>;
  /** Runs `fn` while no other process does the same for this key. */
  withLock<T>(key: string, fn: () => Promise<T>): Promise<T>;
}

/** Where a client gets its token from. */
export interface TokenSource {
  get(): Promise<string>;
  /** Replaces a token the vendor refused; false when there is no way to. */
  renew(refused: string | undefined): Promise<boolean>;
}

/** A token from the configuration: nobody can renew it. */
export class StaticToken implements TokenSource {
  readonly #token: string;
  constructor(token: string) {
    this.#token = token;
  }
  async get(): Promise<string> {
    return this.#token;
  }
  async renew(): Promise<boolean> {
    return false;
  }
}

export interface SharedTokenOptions {
  /** One per account, such as "lingxing:<appId>". */
  readonly key: string;
  readonly store: TokenStore;
  /** How long before its end a token is replaced; at most half of its life. */
  readonly leadMs: number;
  readonly now: () => Date;
  readonly issue: () => Promise<StoredToken>;
  /** Undefined when the refresh token did not work or may be used up: then a new token is issued. */
  readonly refresh?: (refreshToken: string) => Promise<StoredToken | undefined>;
}

/**
 * One token for all processes. Issuing a second one may kill the first, so whoever needs a new one takes the lock, looks whether somebody
 * else has renewed meanwhile, and saves before using.
 */
export class SharedToken implements TokenSource {
  readonly #options: SharedTokenOptions;
  #current: StoredToken | undefined;
  #renewing: Promise<StoredToken> | undefined;

  constructor(options: SharedTokenOptions) {
    this.#options = options;
  }

  /** A token good for at least the lead time. @throws what the store or the vendor's token call throws. */
  async get(): Promise<string> {
    if (!this.#isFresh(this.#current)) {
      const stored = await this.#options.store.load(this.#options.key);
      this.#current = this.#isFresh(stored) ? stored : await this.#replace(undefined);
    }
    return this.#current.accessToken;
  }

  async renew(refused: string | undefined): Promise<boolean> {
    this.#current = await this.#replace(refused);
    return true;
  }

  /** Callers of one process share a replacement under way, unless what it found is the very token that was refused. */
  async #replace(refused: string | undefined): Promise<StoredToken> {
    while (this.#renewing !== undefined) {
      const found = await this.#renewing;
      if (found.accessToken !== refused) return found;
    }
    const { store, key } = this.#options;
    this.#renewing = store
      .withLock(key, () => this.#replaceLocked(refused))
      .finally(() => {
        this.#renewing = undefined;
      });
    return await this.#renewing;
  }

  async #replaceLocked(refused: string | undefined): Promise<StoredToken> {
    const { key, store, issue, refresh } = this.#options;
    const stored = await store.load(key);
    if (this.#isFresh(stored) && stored.accessToken !== refused) return stored;
    const refreshed = stored?.refreshToken === undefined ? undefined : await refresh?.(stored.refreshToken);
    const token = refreshed ?? (await issue());
    await store.save(key, token);
    return token;
  }

  #isFresh(token: StoredToken | undefined): token is StoredToken {
    if (token === undefined) return false;
    const lifeMs = token.expiresAt.getTime() - token.issuedAt.getTime();
    return this.#options.now().getTime() < token.expiresAt.getTime() - Math.min(this.#options.leadMs, lifeMs / 2);
  }
}

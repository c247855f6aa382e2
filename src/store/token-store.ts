import type { DatabaseConfig } from "../config/dsn.ts";
import { type Db, select, write } from "./db.ts";
import { withNamedLock } from "./lock.ts";

/** Longer than a token call may take, Lingxing's cautious minute between two of them included. */
const LOCK_WAIT_SEC = 130;

/** How a token is written and read; the store never sees one in clear. */
export interface TokenCodec<T> {
  seal(token: T, key: string): string;
  /** Undefined when it was sealed with another secret: then a new one is fetched. */
  open(text: string, key: string): T | undefined;
}

/** One token per account, shared by all processes and hosts, encrypted. */
export class SealedTokenStore<T> {
  readonly #db: Db;
  readonly #config: DatabaseConfig;
  readonly #codec: TokenCodec<T>;
  readonly #signal: AbortSignal | undefined;

  /** `signal` ends waiting for a lock. */
  constructor(db: Db, config: DatabaseConfig, codec: TokenCodec<T>, signal?: AbortSignal) {
    this.#db = db;
    this.#config = config;
    this.#codec = codec;
    this.#signal = signal;
  }

  async load(key: string): Promise<T | undefined> {
    const [row] = await select<{ ciphertext: string }>(this.#db, "SELECT ciphertext FROM api_token WHERE token_key = ?", [key]);
    return row === undefined ? undefined : this.#codec.open(row.ciphertext, key);
  }

  async save(key: string, token: T): Promise<void> {
    await write(
      this.#db,
      "INSERT INTO api_token (token_key, ciphertext) VALUES (?, ?) ON DUPLICATE KEY UPDATE ciphertext = VALUES(ciphertext)",
      [key, this.#codec.seal(token, key)],
    );
  }

  async withLock<R>(key: string, work: () => Promise<R>): Promise<R> {
    return withNamedLock(this.#config, `token:${key}`, LOCK_WAIT_SEC, work, this.#signal);
  }
}

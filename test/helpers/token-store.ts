import type { StoredToken, TokenStore } from "../../src/http/shared-token.ts";

/** A token store in memory, shared by the "processes" of a test; it notes what was done in which order. */
export class MemoryTokenStore implements TokenStore {
  readonly tokens = new Map<string, StoredToken>();
  readonly log: string[] = [];
  #last: Promise<unknown> = Promise.resolve();

  async load(key: string): Promise<StoredToken | undefined> {
    return this.tokens.get(key);
  }

  async save(key: string, token: StoredToken): Promise<void> {
    this.log.push(`save ${token.accessToken}`);
    this.tokens.set(key, token);
  }

  async withLock<T>(_key: string, fn: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(async () => {
      this.log.push("lock");
      return await fn().finally(() => this.log.push("unlock"));
    });
    this.#last = mine.catch(() => undefined);
    return await mine;
  }
}

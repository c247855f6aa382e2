import { randomUUID } from "node:crypto";
import type { DscoDialect } from "./answers.ts";

/** Without fetching the next page for so long, a scroll is gone. */
const EXPIRY_MS = 5 * 60_000;

export interface Page<T> {
  readonly items: readonly T[];
  /** To be given back when the answer has left: until then the scroll takes no other call. */
  readonly release?: () => void;
}

interface Scroll<T> {
  readonly items: readonly T[];
  readonly pageSize: number;
  at: number;
  lastUsedMs: number;
  busy: boolean;
}

/**
 * Cursors over results. A page that was asked for is behind the cursor, whether or not its answer arrived; the empty
 * page ends the scroll; two calls at once on one scroll are refused with 409.
 */
export class Scrolls<T> {
  readonly #dialect: DscoDialect;
  readonly #now: () => Date;
  readonly #open = new Map<string, Scroll<T>>();

  constructor(dialect: DscoDialect, now: () => Date) {
    this.#dialect = dialect;
    this.#now = now;
  }

  /** Keeps the rest of a result whose first page is about to be sent; returns the scrollId. */
  open(items: readonly T[], pageSize: number): string {
    this.#forgetExpired();
    const id = Buffer.from(randomUUID()).toString("base64url");
    this.#open.set(id, { items, pageSize, at: pageSize, lastUsedMs: this.#now().getTime(), busy: false });
    return id;
  }

  /** The next page; 404 for a scroll that is unknown, expired or ended. */
  next(id: string): Page<T> {
    this.#forgetExpired();
    const scroll = this.#open.get(id);
    if (scroll === undefined) throw this.#dialect.refuse(404, "notFound", "unknown or expired scrollId");
    if (scroll.busy) throw this.#dialect.refuse(409, "conflict", "this scroll is in use: one page after another");
    const items = scroll.items.slice(scroll.at, scroll.at + scroll.pageSize);
    scroll.at += scroll.pageSize;
    scroll.lastUsedMs = this.#now().getTime();
    if (items.length === 0) {
      this.#open.delete(id);
      return { items };
    }
    scroll.busy = true;
    return {
      items,
      release: () => {
        scroll.busy = false;
      },
    };
  }

  #forgetExpired(): void {
    const now = this.#now().getTime();
    for (const [id, { lastUsedMs }] of this.#open) {
      if (now - lastUsedMs > EXPIRY_MS) this.#open.delete(id);
    }
  }
}

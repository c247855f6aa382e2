import { STAGES } from "../sync/stage.ts";
import { type Db, select } from "./db.ts";
import type { StatusCount } from "./order-counts.ts";

/** Orders between one mark and the next; reading past so many takes a few milliseconds. */
export const MARK_EVERY = 10_000;
/** Looks at marks before the last one tried has to do: where orders of other statuses lie close together, a guess misses. */
const GUESSES = 6;

/**
 * Reads all orders created until then in order of id, and remembers the id of every ten-thousandth; piece by piece, because no statement
 * should take long.
 */
export async function takeMarks(db: Db, until: Date): Promise<{ orders: number; marks: string[] }> {
  const from = "FROM sync_order_state FORCE INDEX (PRIMARY) WHERE dsco_order_id >= ? AND created_at <= ?";
  const marks: string[] = [];
  for (;;) {
    const last = marks.at(-1) ?? "";
    const sql = `SELECT dsco_order_id AS id ${from} ORDER BY dsco_order_id LIMIT 1 OFFSET ${MARK_EVERY}`;
    const [next] = await select<{ id: string }>(db, sql, [last, until]);
    if (next !== undefined) {
      marks.push(next.id);
      continue;
    }
    const [rest] = await select<{ orders: string | number }>(db, `SELECT COUNT(*) AS orders ${from}`, [last, until]);
    return { orders: marks.length * MARK_EVERY + Number(rest?.orders ?? 0), marks };
  }
}

/** An order id, and how many of the orders looked for come before it. */
export interface Start {
  readonly id: string;
  readonly before: number;
}

/**
 * Where to begin reading a page far from both ends: nobody counts half a million orders in less than a tenth of a second. The marks say
 * how many orders come before an id; what is not looked for, and what has been created since, is little, and is counted.
 */
export class OrderMarks {
  readonly #db: Db;
  readonly #countedUntil: Date;
  readonly #marks: readonly string[];

  private constructor(db: Db, countedUntil: Date, marks: readonly string[]) {
    this.#db = db;
    this.#countedUntil = countedUntil;
    this.#marks = marks;
  }

  /** As the pull took them last; undefined before its first time. */
  static async read(db: Db): Promise<OrderMarks | undefined> {
    const sql = "SELECT counted_until, marks FROM order_count WHERE id = 1 AND marks IS NOT NULL";
    const [row] = await select<{ counted_until: Date; marks: string }>(db, sql);
    return row && new OrderMarks(db, row.counted_until, JSON.parse(row.marks) as string[]);
  }

  /** A start with at most `offset` orders before it, close to it if can be. `others`: the combinations that are not looked for. */
  async startBefore(offset: number, total: number, others: readonly StatusCount[]): Promise<Start> {
    const all = total + others.reduce((sum, { orders }) => sum + orders, 0);
    let best: Start = { id: "", before: 0 };
    let at = Math.floor(((offset / total) * all) / MARK_EVERY);
    for (let guess = 0; guess < GUESSES; guess++) {
      at = Math.max(0, Math.min(at, this.#marks.length));
      const start = await this.#startAt(at, others);
      if (start.before <= offset && start.before >= best.before) best = start;
      const away = Math.floor((offset - start.before) / MARK_EVERY);
      if (away === 0 || (away > 0 && at === this.#marks.length)) break;
      at += away;
    }
    return best;
  }

  /** Before the first mark there is the beginning. */
  async #startAt(at: number, others: readonly StatusCount[]): Promise<Start> {
    const id = at === 0 ? "" : (this.#marks[at - 1] ?? "");
    const count = (index: string, where: string) =>
      `(SELECT COUNT(*) FROM sync_order_state FORCE INDEX (${index}) WHERE ${where} AND dsco_order_id < ?)`;
    const isOther = STAGES.map((stage) => `${stage}_status = ?`).join(" AND ");
    const terms = [count("by_created", "created_at > ?"), ...others.map(() => `- ${count("by_statuses", isOther)}`)];
    const bindings = [this.#countedUntil, id, ...others.flatMap((other) => [...STAGES.map((stage) => other[stage]), id])];
    const [row] = await select<{ beyond: string | number }>(this.#db, `SELECT ${terms.join(" ")} AS beyond`, bindings);
    return { id, before: at * MARK_EVERY + Number(row?.beyond ?? 0) };
  }
}

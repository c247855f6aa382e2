import { STAGE_STATUS, type Stage } from "../sync/stage.ts";
import { STOCK_STATUS } from "../sync/stock.ts";
import { type Db, select } from "./db.ts";

/** What is in flight for longer than it should be. */
export interface Overstay {
  readonly count: number;
  /** Since when the oldest of them is; undefined: there is none. */
  readonly since: Date | undefined;
  /** The oldest: an order, or a SKU. */
  readonly oldest: string | undefined;
}

/** Orders whose outcome at a stage is not known although they were sent before `sentBefore`. Reads only what is in flight. */
export async function overstayedOrders(db: Db, stage: Stage, sentBefore: Date): Promise<Overstay> {
  const where = `FROM sync_order_state WHERE ${stage}_status = ${STAGE_STATUS.inFlight} AND ${stage}_sent_at < ?`;
  return overstay(db, where, "dsco_order_id", `${stage}_sent_at`, sentBefore);
}

/** The same of stock. */
export async function overstayedStock(db: Db, sentBefore: Date): Promise<Overstay> {
  return overstay(db, `FROM stock_level WHERE status = ${STOCK_STATUS.inFlight} AND sent_at < ?`, "dsco_sku", "sent_at", sentBefore);
}

async function overstay(db: Db, where: string, id: string, sentAt: string, sentBefore: Date): Promise<Overstay> {
  const [counted] = await select<{ rows_: string | number }>(db, `SELECT COUNT(*) AS rows_ ${where}`, [sentBefore]);
  const [oldest] = await select<{ id: string; since: Date }>(
    db,
    `SELECT ${id} AS id, ${sentAt} AS since ${where} ORDER BY ${sentAt} LIMIT 1`,
    [sentBefore],
  );
  return { count: Number(counted?.rows_ ?? 0), since: oldest?.since, oldest: oldest?.id };
}

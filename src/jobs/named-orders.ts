import { UsageError } from "../errors.ts";
import { OrderStore, type StageOrder } from "../store/order-store.ts";
import type { Stage } from "../sync/stage.ts";
import type { JobContext } from "./job.ts";

/** The orders given with --order; undefined when none was. An id we do not know ends the run before anything is done. */
export async function requireOrders(ctx: JobContext, stage: Stage): Promise<StageOrder[] | undefined> {
  if (ctx.options.orders === undefined) return undefined;
  const ids = [...new Set(ctx.options.orders)];
  const found = await new OrderStore(ctx.db).byIds(stage, ids);
  const known = new Set(found.map(({ id }) => id));
  const unknown = ids.filter((id) => !known.has(id));
  if (unknown.length > 0) {
    throw new UsageError(`unknown order ${unknown.join(", ")}`, `pull it first: ipass run pull_dsco_orders --order ${unknown[0]}`);
  }
  return found;
}

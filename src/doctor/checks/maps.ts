import type { Check, Context } from "../check.ts";
import { pass } from "../finding.ts";
import { judgeDscoWarehouses, judgeLingxingWarehouses, judgeSkus, judgeStores, type Named, type SkuFacts } from "../judge/maps.ts";

const STOCK_MAP = "IPASS_STOCK_WID_TO_DSCO_WAREHOUSE_CODE_JSON";
const ORDER_MAP = "IPASS_WAREHOUSE_MAP_JSON";

/** Pairs that are asked for one by one: a map may have thousands, and Lingxing answers one request at a time. */
const SKUS_ASKED = 10;

const check = (id: string, run: (context: Context) => ReturnType<Check["run"]>): Check => ({
  id: `maps.${id}`,
  broken: "warn",
  remote: true,
  run,
});

export const MAP_CHECKS: readonly Check[] = [
  check("dsco_warehouses", async (context) => {
    const named = pairs(context).map(({ code, variable }) => ({ id: code, variable }));
    if (named.length === 0) return judgeDscoWarehouses([], []);
    const dsco = await context.dsco();
    return judgeDscoWarehouses(unique(named), await dsco.warehouses.all());
  }),
  check("lingxing_warehouses", async (context) => {
    const named = pairs(context).map(({ wid, variable }) => ({ id: wid, variable }));
    if (named.length === 0) return judgeLingxingWarehouses([], []);
    const lingxing = await context.lingxing();
    return judgeLingxingWarehouses(unique(named), await lingxing.reference.warehouses());
  }),
  check("stores", async (context) => {
    if (!context.needed.has("lingxingStore")) return pass("maps.stores", "no job that is switched on needs a store");
    const { storeId, platformCode } = context.app.config(["lingxingStore"]).lingxingStore;
    const others = [...(context.readable("push")?.storeMap?.values() ?? [])].map((id) => ({ id, variable: "IPASS_STORE_MAP_JSON" }));
    const lingxing = await context.lingxing();
    return judgeStores(
      unique([{ id: storeId, variable: "IPASS_LINGXING_STORE_ID" }, ...others]),
      await lingxing.reference.stores(platformCode),
      platformCode,
    );
  }),
  check("skus", async (context) => judgeSkus(await askForSkus(context))),
];

/** Warehouse pairs of both maps, of the jobs that are switched on. @throws ConfigError when one of them cannot be read */
function pairs({ app, needed }: Context): { wid: string; code: string; variable: string }[] {
  const stock = needed.has("stock") ? app.config(["stock"]).stock.warehouseMap : [];
  const orders = needed.has("push") ? (app.config(["push"]).push.warehouseMap ?? []) : [];
  return [
    ...[...stock].map(([wid, code]) => ({ wid, code, variable: STOCK_MAP })),
    ...[...orders].map(([code, wid]) => ({ wid, code, variable: ORDER_MAP })),
  ];
}

function unique(named: readonly Named[]): Named[] {
  return [...new Map(named.map((one) => [`${one.id} ${one.variable}`, one])).values()];
}

async function askForSkus(context: Context): Promise<SkuFacts> {
  const { app, needed } = context;
  const stock = needed.has("stock") ? app.config(["stock"]).stock : undefined;
  const map = [...((stock ?? app.config(["push"]).push).skuMap?.toDsco ?? [])];
  const asked = map.filter(
    (_, index) => Math.floor((index * SKUS_ASKED) / map.length) !== Math.floor(((index - 1) * SKUS_ASKED) / map.length),
  );
  const unknownAtDsco: string[] = [];
  const unlistedInLingxing: string[] = [];
  if (asked.length > 0) {
    const [dsco, lingxing] = [await context.dsco(), await context.lingxing()];
    for (const [local, sku] of asked) {
      if (!(await dsco.inventory.knows(sku))) unknownAtDsco.push(sku);
      if (stock !== undefined && !(await lingxing.inventory.lists([...stock.warehouseMap.keys()], local))) unlistedInLingxing.push(local);
    }
  }
  return { mapped: map.length, asked: asked.length, unknownAtDsco, unlistedInLingxing };
}

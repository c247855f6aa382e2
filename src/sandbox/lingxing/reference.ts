import * as z from "zod";
import type { Answer } from "../endpoint.ts";
import { DSCO_WAREHOUSES, LOGISTICS_TYPES, PLATFORM_CODE, SECOND_STORE_ID, STORE_ID } from "../options.ts";
import type { LingxingContext } from "./context.ts";
import { PlatformCodeNumber } from "./shapes.ts";

/** The lists an operator or `doctor` looks things up in. */

export const WarehouseRequest = z.strictObject({
  type: z.union([z.literal(1), z.literal(3), z.literal(4), z.literal(6)]).optional(),
  sub_type: z.union([z.literal(1), z.literal(2)]).optional(),
  is_delete: z.union([z.enum(["0", "1", "0,1", "1,0"]), z.literal(0), z.literal(1)]).optional(),
  offset: z.int().min(0).optional(),
  length: z.int().min(1).max(1000).optional(),
});

export const LogisticsRequest = z.strictObject({
  param: z.strictObject({
    provider_type: z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(4)]),
    page: z.int().min(1).optional(),
    length: z.int().min(1).optional(),
  }),
});

export const StoreRequest = z.strictObject({
  offset: z.int().min(0).optional(),
  length: z.int().min(20, "length 最小值为20").max(200, "length 最大值200").optional(),
  platform_code: z.array(PlatformCodeNumber).optional(),
  is_sync: z.union([z.literal(0), z.literal(1)]).optional(),
  status: z.union([z.literal(0), z.literal(1)]).optional(),
});

/** The overseas warehouse only shows with `type: 3`: without a type, the vendor lists local ones. */
const WAREHOUSES = [
  ...DSCO_WAREHOUSES.map(({ wid, name, status }) => ({ wid, name, type: 1, deleted: status === "inactive" })),
  { wid: 2001, name: "US West 3PL", type: 3, deleted: false },
];

/** POST /erp/sc/data/local_inventory/warehouse. */
export function listWarehouses({ dialect }: LingxingContext, body: z.infer<typeof WarehouseRequest>): Answer {
  const shown = String(body.is_delete ?? "0").split(",");
  const found = WAREHOUSES.filter(({ type, deleted }) => type === (body.type ?? 1) && shown.includes(deleted ? "1" : "0"));
  const rows = found.map(({ wid, name, type, deleted }) =>
    JSON.stringify({ wid, name, type, is_delete: deleted ? 1 : 0, wp_id: 0, wp_name: "", country_code: "US" }),
  );
  return dialect.erp(pageOf(rows, body.offset ?? 0, body.length ?? 1000), rows.length);
}

/** POST /erp/sc/routing/wms/WmsLogistics/listUsedLogisticsType. */
export function listLogistics({ dialect }: LingxingContext, { param }: z.infer<typeof LogisticsRequest>): Answer {
  const found = param.provider_type === 0 ? LOGISTICS_TYPES : [];
  const rows = found.map(({ typeId, name, code, wid }) =>
    JSON.stringify({ type: 0, type_id: typeId, name, code, is_used: 1, logistics_provider_id: "200000000000000000", wid }),
  );
  const length = param.length ?? 20;
  return dialect.erp(pageOf(rows, ((param.page ?? 1) - 1) * length, length), rows.length);
}

/** POST /pb/mp/shop/v2/getSellerList. */
export function listStores({ dialect }: LingxingContext, body: z.infer<typeof StoreRequest>): Answer {
  const wanted = body.platform_code === undefined || body.platform_code.includes(PLATFORM_CODE);
  const active = body.status !== 0 && body.is_sync !== 0;
  const stores = [STORE_ID, SECOND_STORE_ID].map((storeId, index) =>
    JSON.stringify({
      store_id: storeId,
      sid: "",
      store_name: `Sandbox store ${index + 1}`,
      platform_code: String(PLATFORM_CODE),
      platform_name: "自定义平台",
      currency: "USD",
      is_sync: 1,
      status: 1,
    }),
  );
  const found = wanted && active ? stores : [];
  return dialect.pb(`{"total":"${found.length}","list":[${pageOf(found, body.offset ?? 0, body.length ?? 200).join(",")}]}`);
}

function pageOf(rows: readonly string[], offset: number, length: number): readonly string[] {
  return rows.slice(offset, offset + length);
}

import type * as z from "zod";
import type { StockRow } from "../catalog.ts";
import type { Answer, CallName, Endpoint } from "../endpoint.ts";
import type { SandboxCredentials, SandboxSettings } from "../options.ts";
import type { LingxingContext } from "./context.ts";
import { CreateRequest, create } from "./create.ts";
import { LingxingDialect } from "./envelope.ts";
import { LingxingGate } from "./gate.ts";
import { OrderDesk } from "./order-desk.ts";
import { ListRequest, OrderList } from "./order-list.ts";
import { listOutbound, OutboundRequest } from "./outbound-list.ts";
import { LingxingPeople } from "./people.ts";
import { LogisticsRequest, listLogistics, listStores, listWarehouses, StoreRequest, WarehouseRequest } from "./reference.ts";
import { listStock, StockRequest, StockRoom } from "./stock.ts";
import { LingxingTokens } from "./tokens.ts";

/** Lingxing's base path. */
export const LINGXING_PREFIX = "/lingxing";

export interface LingxingSandbox extends LingxingContext {
  readonly endpoints: readonly Endpoint[];
  readonly people: LingxingPeople;
  /** Another client of the same app fetches a token: the one in use is dead. */
  endTokens(): void;
}

/** Lingxing with its buckets: so many requests in flight per path. */
export function createLingxing(
  settings: SandboxSettings,
  credentials: SandboxCredentials,
  rows: StockRow[],
  now: () => Date,
): LingxingSandbox {
  const dialect = new LingxingDialect(now);
  const context: LingxingContext = { now, settings, dialect, desk: new OrderDesk(), stock: new StockRoom(rows) };
  const tokens = new LingxingTokens(credentials, dialect, now);
  const gate = new LingxingGate(credentials, dialect, tokens, settings, now);
  return { ...context, people: new LingxingPeople(context), endpoints: routes(context, tokens, gate), endTokens: () => tokens.replace() };
}

function routes(lingxing: LingxingContext, tokens: LingxingTokens, gate: LingxingGate): Endpoint[] {
  const post = (path: string, call: CallName, inFlight: number, handle: Endpoint["handle"]): Endpoint => {
    return { vendor: "lingxing", method: "POST", path, call, limit: { inFlight }, handle };
  };
  const signed = <T>(path: string, call: CallName, inFlight: number, schema: z.ZodType<T>, answer: (body: T) => Answer): Endpoint =>
    post(path, call, inFlight, (request) => answer(gate.admit(request, call, schema)));
  const list = new OrderList(lingxing);
  return [
    post("/api/auth-server/oauth/access-token", "token_issue", 100, (request) => tokens.issue(request)),
    post("/api/auth-server/oauth/refresh", "token_refresh", 100, (request) => tokens.refresh(request)),
    signed("/pb/mp/order/v2/create", "create", 10, CreateRequest, (body) => create(lingxing, body)),
    signed("/pb/mp/order/v2/list", "list", 10, ListRequest, (body) => list.list(body)),
    signed("/pb/mp/shop/v2/getSellerList", "stores", 10, StoreRequest, (body) => listStores(lingxing, body)),
    signed("/erp/sc/routing/wms/order/wmsOrderList", "wms", 1, OutboundRequest, (body) => listOutbound(lingxing, body)),
    signed("/erp/sc/routing/data/local_inventory/inventoryDetails", "stock", 1, StockRequest, (body) => listStock(lingxing, body)),
    signed("/erp/sc/data/local_inventory/warehouse", "warehouses", 1, WarehouseRequest, (body) => listWarehouses(lingxing, body)),
    signed("/erp/sc/routing/wms/WmsLogistics/listUsedLogisticsType", "logistics", 1, LogisticsRequest, (body) =>
      listLogistics(lingxing, body),
    ),
  ];
}

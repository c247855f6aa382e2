import { afterEach } from "vitest";
import { signLingxing } from "../../src/lingxing/sign.ts";
import { type Json, readJson } from "../../src/sandbox/json.ts";
import { SANDBOX_CREDENTIALS, type SandboxOptions } from "../../src/sandbox/options.ts";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { startSandbox } from "../../src/sandbox/server.ts";

/** A clock that moves only when told to. */
export class TestClock {
  ms = Date.parse("2025-11-20T10:00:00.000Z");
  readonly now = (): Date => new Date(this.ms);
  advance(ms: number): void {
    this.ms += ms;
  }
}

const open: Sandbox[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((sandbox) => sandbox.close()));
});

/** A sandbox that is closed after the test. Ten orders unless the test says otherwise. */
export async function aSandbox(options: Partial<SandboxOptions> = {}): Promise<Sandbox> {
  const sandbox = await startSandbox({ orders: 10, ...options });
  open.push(sandbox);
  return sandbox;
}

export interface CallResult {
  readonly status: number;
  readonly text: string;
  /** The body as JSON, long integers kept; undefined for anything else. */
  readonly json: Record<string, Json> | undefined;
  readonly type: string;
  readonly retryAfter: string | undefined;
}

/** A list in an answer; fails when there is none. */
export function listIn({ json, text }: CallResult, name: string): Json[] {
  const list = json?.[name];
  if (!Array.isArray(list)) throw new Error(`no list "${name}" in ${text.slice(0, 300)}`);
  return list;
}

const DSCO_HEADERS = {
  authorization: `bearer ${SANDBOX_CREDENTIALS.dscoToken}`,
  accept: "application/json",
  "content-type": "application/json",
};

export interface DscoCallOptions {
  /** Put over the right headers; undefined takes one away. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
}

/** A call as DSCO wants it; `path` includes the query. */
export function dsco(sandbox: Sandbox, method: "GET" | "POST", path: string, options: DscoCallOptions = {}): Promise<CallResult> {
  const headers = Object.fromEntries(
    Object.entries({ ...DSCO_HEADERS, ...options.headers }).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
  const body = options.body === undefined ? {} : { body: typeof options.body === "string" ? options.body : JSON.stringify(options.body) };
  return call(`${sandbox.dscoUrl}${path}`, { method, headers, ...body });
}

export interface LingxingCallOptions {
  readonly nowMs?: number;
  readonly token?: string;
  /** Changes the signed query, after signing. */
  readonly spoil?: (query: URLSearchParams) => void;
  readonly contentType?: string;
  /** The body as it is sent, where it shall differ from the signed one. */
  readonly rawBody?: string;
}

export const LX_PATHS = {
  create: "/pb/mp/order/v2/create",
  list: "/pb/mp/order/v2/list",
  stores: "/pb/mp/shop/v2/getSellerList",
  wms: "/erp/sc/routing/wms/order/wmsOrderList",
  stock: "/erp/sc/routing/data/local_inventory/inventoryDetails",
  warehouses: "/erp/sc/data/local_inventory/warehouse",
  logistics: "/erp/sc/routing/wms/WmsLogistics/listUsedLogisticsType",
} as const;

/** A signed call, by the client's own signature, which the sandbox checks with another one. */
export function lingxing(
  sandbox: Sandbox,
  path: keyof typeof LX_PATHS,
  body: Record<string, unknown>,
  options: LingxingCallOptions = {},
): Promise<CallResult> {
  const common = {
    access_token: options.token ?? SANDBOX_CREDENTIALS.lingxingAccessToken,
    app_key: SANDBOX_CREDENTIALS.lingxingAppId,
    timestamp: String(Math.floor((options.nowMs ?? Date.now()) / 1000)),
  };
  const sign = signLingxing({ ...body, ...common }, SANDBOX_CREDENTIALS.lingxingAppId);
  const query = new URLSearchParams({ ...common, sign });
  options.spoil?.(query);
  return call(`${sandbox.lingxingUrl}${LX_PATHS[path]}?${query}`, {
    method: "POST",
    headers: { "content-type": options.contentType ?? "application/json" },
    body: options.rawBody ?? JSON.stringify(body),
  });
}

export function lingxingToken(sandbox: Sandbox, which: "access-token" | "refresh", fields: Record<string, string>): Promise<CallResult> {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.set(name, value);
  return call(`${sandbox.lingxingUrl}/api/auth-server/oauth/${which}`, { method: "POST", body });
}

export function control(sandbox: Sandbox, method: "GET" | "POST", name: string, body?: unknown): Promise<CallResult> {
  return call(`${sandbox.url}/_sandbox/${name}`, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
}

export async function call(url: string, init: RequestInit): Promise<CallResult> {
  const response = await fetch(url, init);
  const text = await response.text();
  const type = response.headers.get("content-type") ?? "";
  const retryAfter = response.headers.get("retry-after") ?? undefined;
  return {
    status: response.status,
    text,
    type,
    retryAfter,
    json: type.includes("json") ? (readJson(text) as Record<string, Json>) : undefined,
  };
}

/** A create body for these platform numbers. */
export function newOrders(...numbers: readonly string[]): { platform_code: number; store_id: string; orders: Record<string, unknown>[] } {
  return {
    platform_code: 10009,
    store_id: "110000000000000001",
    orders: numbers.map((number) => ({
      platform_order_no: number,
      receiver_country_code: "US",
      receiver_name: "Ann Sample",
      city: "Reno",
      address_line1: "1 Example St",
      items: [
        { sku: "MUG-1", quantity: 3, unit_price: "10.65" },
        { sku: "BOWL-2", quantity: 1, unit_price: 0.1 },
      ],
    })),
  };
}

import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { App } from "../../src/app.ts";
import { Redactor } from "../../src/redact.ts";
import { STORE_ID } from "../../src/sandbox/options.ts";
import { Vendors } from "../../src/vendors.ts";
import { PULL, PUSH, until, useWorld } from "./world.ts";

const world = await useWorld();

const ids = async (): Promise<string[]> => (await world.orders()).map(({ dsco_order_id }) => dsco_order_id);
const creates = (): number => world.vendors.stats().requests.create ?? 0;

/** The row as a put-back order must find it again. */
const RETRIED = { status: 2, retries: 1, at: new Date("2026-01-02T03:04:05.678Z") };
async function oneFailedBefore(id: string): Promise<void> {
  await world.db.query(
    "update sync_order_state set push_status = ?, push_retry_count = ?, push_next_attempt_at = ?, push_error = 'as before' where dsco_order_id = ?",
    [RETRIED.status, RETRIED.retries, RETRIED.at, id],
  );
}
async function expectUncharged(failedBefore: string, inFlight = 0): Promise<void> {
  expect(await world.order(failedBefore)).toMatchObject({
    push_status: RETRIED.status,
    push_retry_count: RETRIED.retries,
    push_next_attempt_at: RETRIED.at,
    push_error: "as before",
  });
  const others = (await world.orders()).filter(({ dsco_order_id }) => dsco_order_id !== failedBefore);
  expect(others.filter(({ push_status }) => push_status === 9)).toHaveLength(inFlight);
  for (const row of others.filter(({ push_status }) => push_status !== 9))
    expect(row).toMatchObject({ push_status: 0, push_retry_count: 0, push_next_attempt_at: null });
  expect(await world.tasks()).toEqual([]);
}

describe("what arrives in Lingxing", () => {
  it("is what the retailer ordered, under the order's id, with its number kept", async () => {
    await world.open({ orders: 5 });
    await world.pulled();
    const pass = await world.pass(PUSH);
    expect(pass.report).toMatchObject({ job: PUSH, exit: { code: 0, name: "ok" }, dry_run: false, counts: { read: 5, done: 5 } });
    const { dsco, lingxing } = world.vendors.state();
    expect(lingxing.orders).toHaveLength(5);
    for (const order of dsco.orders) {
      const arrived = lingxing.orders.find(({ platformOrderNos }) => platformOrderNos[0] === order.dscoOrderId);
      const shipping = order.shipping as { name: string; address: string[]; city: string; region: string; postal: string; phone: string };
      expect(arrived?.sent).toMatchObject({
        receiver_name: shipping.name,
        address_line1: shipping.address[0],
        city: shipping.city,
        state_or_region: shipping.region,
        postal_code: shipping.postal,
        receiver_mobile: shipping.phone,
        receiver_country_code: "US",
        amount_currency: "USD",
      });
      const lines = order.lineItems as { sku: string; quantity: number; consumerPrice: number }[];
      expect(arrived?.lines).toEqual(
        lines.map(({ sku, quantity, consumerPrice }) => ({
          sku,
          quantity,
          unitPrice: expect.stringMatching(new RegExp(`^${consumerPrice.toFixed(2)}$`)),
        })),
      );
      expect(await world.order(String(order.dscoOrderId))).toMatchObject({
        platform_order_no: order.dscoOrderId,
        store_id: STORE_ID,
        lingxing_global_order_no: arrived?.globalOrderNo,
        push_status: 1,
        push_next_attempt_at: null,
      });
    }
  });

  it("is nothing the second time: a pass with nothing to do asks nobody and prints nothing", async () => {
    await world.open({ orders: 5 });
    await world.pulled();
    await world.pass(PUSH);
    world.vendors.resetStats();
    const silent = await world.start(["run", PUSH]).done;
    expect(silent).toMatchObject({ code: 0, stdout: "", stderr: "" });
    expect(world.vendors.stats().total).toBe(0);
  });

  it("carries warehouse and shipping method where the maps are set, and a person is asked for what they lack", async () => {
    await world.open({ orders: 12 });
    await world.pulled();
    const { IPASS_WAREHOUSE_MAP_JSON = "{}", IPASS_LOGISTICS_MAP_JSON = "{}" } = world.vendors.mapEnv;
    const logistics = JSON.parse(IPASS_LOGISTICS_MAP_JSON) as Record<string, string>;
    const routeOf = (order: Record<string, unknown>) => `${order.requestedWarehouseCode}-${order.requestedShippingServiceLevelCode}`;
    const orders = world.vendors.state().dsco.orders;
    const lacking = routeOf(orders[0] ?? {});
    const others = Object.fromEntries(Object.entries(logistics).filter(([route]) => route !== lacking));
    const env = { IPASS_WAREHOUSE_MAP_JSON, IPASS_LOGISTICS_MAP_JSON: JSON.stringify(others) };
    const unmapped = orders.filter((order) => routeOf(order) === lacking).map(({ dscoOrderId }) => String(dscoOrderId));

    const pass = await world.pass(PUSH, [], env);
    expect(pass.report).toMatchObject({
      exit: { code: 3, name: "partial" },
      counts: { done: 12 - unmapped.length, manual: unmapped.length },
    });
    const tasks = await world.tasks();
    expect(tasks.map(({ dsco_order_id }) => dsco_order_id).sort()).toEqual(unmapped.sort());
    for (const task of tasks) {
      expect(task).toMatchObject({ task_type: "missing_mapping", stage: "push", status: 0 });
      expect(task.payload).toContain(`${lacking} in IPASS_LOGISTICS_MAP_JSON`);
      expect(task.next_step).toContain(`ipass order-state requeue ${task.dsco_order_id} --stage push`);
    }
    for (const arrived of world.vendors.state().lingxing.orders) {
      const order = orders.find(({ dscoOrderId }) => dscoOrderId === arrived.platformOrderNos[0]) ?? {};
      expect(arrived.logisticsTypeId).toBe(logistics[routeOf(order)]);
      expect(arrived.wid).toBe(order.requestedWarehouseCode === "WH-CA" ? "1001" : "1002");
    }

    const requeued = await world.start(["order-state", "requeue", ...unmapped, "--stage", "push", "--reason", "mapping added", "--json"])
      .done;
    expect(requeued.code).toBe(0);
    const again = await world.pass(PUSH, [], world.vendors.mapEnv);
    expect(again.report).toMatchObject({ exit: { code: 0 }, counts: { done: unmapped.length } });
    expect(await world.tasks("status = 0")).toEqual([]);
  });

  it("stands in the store the retailer is mapped to, under the SKU Lingxing uses", async () => {
    const sandbox = await world.open({ orders: 3, broken: 0 });
    await world.pulled();
    const [first, second, third] = sandbox.state().dsco.orders;
    const skuOf = (order = first) => String((order?.lineItems as { sku: string }[] | undefined)?.[0]?.sku);
    sandbox.changeOrders({ patch: [{ id: String(second?.dscoOrderId), set: { dscoRetailerId: "77" } }], updatedAt: Date.now() - 15_000 });
    await world.pulled();
    const pass = await world.pass(PUSH, [], {
      IPASS_STORE_MAP_JSON: JSON.stringify({ "1000009999": "110000000000000002" }),
      IPASS_STOCK_SKU_TO_DSCO_SKU_JSON: JSON.stringify({ "LOCAL-1": skuOf(first) }),
    });
    expect(pass.report).toMatchObject({ exit: { code: 3 }, counts: { read: 3, done: 2, manual: 1 } });
    const [task] = await world.tasks();
    expect(task).toMatchObject({ task_type: "missing_mapping", dsco_order_id: second?.dscoOrderId });
    expect(task?.payload).toContain("retailer 77 in IPASS_STORE_MAP_JSON");
    const arrived = sandbox.state().lingxing.orders;
    expect(arrived.map(({ storeId }) => storeId)).toEqual(["110000000000000002", "110000000000000002"]);
    expect(arrived.find(({ platformOrderNos }) => platformOrderNos[0] === first?.dscoOrderId)?.lines[0]?.sku).toBe("LOCAL-1");
    expect(arrived.find(({ platformOrderNos }) => platformOrderNos[0] === third?.dscoOrderId)?.lines[0]?.sku).toBe(
      skuOf(third) === skuOf(first) ? "LOCAL-1" : skuOf(third),
    );
  });

  it.each(["text", "numbers"])("keeps every digit of Lingxing's ids, sent as %s", async (form) => {
    await world.open({ orders: 3, bareIds: form === "numbers", faults: ["create:reset-after:#1"] });
    await world.pulled();
    await world.pass(PUSH, [], { IPASS_JOB_PUSH_ORDERS_TO_LINGXING_BATCH_SIZE: "2" });
    const expected = world.vendors
      .state()
      .lingxing.orders.map(({ platformOrderNos, globalOrderNo }) => [platformOrderNos[0], globalOrderNo]);
    expect(expected.every(([, globalOrderNo]) => BigInt(globalOrderNo ?? 0) > BigInt(Number.MAX_SAFE_INTEGER))).toBe(true);
    expect((await world.orders()).map((row) => [row.platform_order_no, row.lingxing_global_order_no]).sort()).toEqual(expected.sort());
  });
});

describe("what Lingxing refuses", () => {
  it("costs only the order it names: the others go through, that one is tried again later, exit 3", async () => {
    await world.open({ orders: 10 });
    await world.pulled();
    const [refused = ""] = await ids();
    world.vendors.changeSettings({ refuse: { [refused]: "SKU不存在" } });
    const pass = await world.pass(PUSH);
    expect(pass.report).toMatchObject({ exit: { code: 3, name: "partial" }, counts: { read: 10, done: 9, failed: 1 } });
    const row = await world.order(refused);
    expect(row).toMatchObject({ push_status: 2, push_retry_count: 1 });
    expect(row.push_error).toContain("SKU不存在");
    expect(row.push_next_attempt_at?.getTime()).toBeGreaterThan(Date.now() + 30_000);

    world.vendors.resetStats();
    expect((await world.pass(PUSH)).report.counts.read, "not before its time").toBe(0);
    await world.age();
    world.vendors.changeSettings({ refuse: {} });
    expect((await world.pass(PUSH)).report).toMatchObject({ exit: { code: 0 }, counts: { read: 1, done: 1 } });
    expect(await world.pushStatuses()).toEqual({ 1: 10 });
  });

  it("as a whole batch is halved until the bad order is alone; only that one is charged", async () => {
    await world.open({ orders: 60, latencyMs: 5 });
    await world.pulled();
    const bad = (await ids())[17] ?? "";
    // Lingxing checks the form of a request as a whole, and a currency of three small letters is none.
    world.vendors.changeOrders({ patch: [{ id: bad, set: { currencyCode: "usd" } }], updatedAt: Date.now() - 15_000 });
    await world.pulled();
    const pass = await world.pass(PUSH);
    expect(pass.report).toMatchObject({ exit: { code: 3 }, counts: { read: 60, done: 59, failed: 1 } });
    const row = await world.order(bad);
    expect(row).toMatchObject({ push_status: 2, push_retry_count: 1 });
    expect(row.push_error).toContain("amount_currency");
    expect(creates(), "two batches and the halvings of one").toBeLessThanOrEqual(2 + 2 * 6);
    expect(world.repeated().inLingxing).toEqual([]);
  });

  it("up to the retry budget goes to a person, who corrects it and lets it go on", async () => {
    await world.open({ orders: 2 }, { IPASS_MAX_RETRY_PER_ORDER: "2" });
    await world.pulled();
    const [refused = "", other = ""] = await ids();
    world.vendors.changeSettings({ refuse: { [refused]: "地址无效" } });
    await world.pass(PUSH);
    await world.age();
    const second = await world.pass(PUSH);
    expect(second.report).toMatchObject({ exit: { code: 3 }, counts: { read: 1, manual: 1, failed: 0 } });
    expect(await world.order(refused)).toMatchObject({ push_status: 3, push_hold: "max_retry_exceeded" });
    const [task] = await world.tasks();
    expect(task).toMatchObject({ task_type: "max_retry_exceeded", dsco_order_id: refused, stage: "push", status: 0, occurrences: 1 });
    expect(task?.payload).toContain("地址无效");
    expect(task?.next_step).toContain(`ipass order-state requeue ${refused} --stage push`);
    await world.age();
    expect((await world.pass(PUSH)).report.counts.read, "a person's order is left alone").toBe(0);

    world.vendors.changeSettings({ refuse: {} });
    const requeued = await world.start(["order-state", "requeue", refused, "--stage", "push", "--reason", "address corrected", "--json"])
      .done;
    expect(JSON.parse(requeued.stdout)).toEqual({ items: [{ dsco_order_id: refused, stage: "push", from: 3, to: 0 }], count: 1 });
    expect(await world.order(refused)).toMatchObject({ push_status: 0, push_retry_count: 0, push_next_attempt_at: null });
    expect((await world.pass(PUSH)).report).toMatchObject({ exit: { code: 0 }, counts: { read: 1, done: 1 } });
    expect((await world.order(other)).push_status).toBe(1);
    const [closed] = await world.tasks();
    expect(closed?.status).toBe(2);
  });
});

describe("an order that makes Lingxing's create fail without an answer", () => {
  it.each([
    { among: 60, what: "among others that go through" },
    { among: 20, what: "in the only batch there is" },
  ])("ends alone and charged, $what", { timeout: 60_000 }, async ({ among }) => {
    await world.open({ orders: among });
    await world.pulled();
    const bad = (await ids())[3] ?? "";
    world.vendors.changeSettings({ poison: [bad] });
    for (let pass = 1; pass <= 8; pass++) {
      const { code } = await world.pass(PUSH);
      expect([0, 3]).toContain(code);
      if ((await world.order(bad)).push_retry_count > 0) break;
      await world.age();
    }
    expect(await world.order(bad)).toMatchObject({ push_status: 2, push_retry_count: 1 });
    expect(await world.pushStatuses()).toEqual({ 1: among - 1, 2: 1 });
    expect(world.repeated().inLingxing).toEqual([]);
  });
});

describe("an order that stands in Lingxing already", () => {
  /** As after a restored backup: pushed, and we know nothing of it. */
  async function forgotten(): Promise<string> {
    await world.open({ orders: 3 });
    await world.pulled();
    await world.pass(PUSH);
    const [id = ""] = await ids();
    await world.db.query(
      "update sync_order_state set push_status = 0, push_sent_at = null, push_run_id = null, lingxing_global_order_no = null, platform_order_no = null, store_id = null where dsco_order_id = ?",
      [id],
    );
    return id;
  }

  it("is adopted, not made twice", async () => {
    const id = await forgotten();
    const pass = await world.pass(PUSH);
    expect(pass.report).toMatchObject({ exit: { code: 0 }, counts: { read: 1, done: 1 } });
    const alive = world.vendors.state().lingxing.orders.filter(({ platformOrderNos }) => platformOrderNos[0] === id);
    expect(alive).toHaveLength(1);
    expect(await world.order(id)).toMatchObject({ push_status: 1, lingxing_global_order_no: alive[0]?.globalOrderNo });
  });

  it.each(["cancel", "delete"] as const)("but only as one that somebody there did away with (%s): a person decides", async (action) => {
    const id = await forgotten();
    world.vendors.advance({ action, numbers: [id] });
    const pass = await world.pass(PUSH);
    expect(pass.report).toMatchObject({ exit: { code: 3 }, counts: { read: 1, manual: 1 } });
    expect(await world.order(id)).toMatchObject({ push_status: 3, push_hold: "lingxing_cancelled" });
    expect(await world.tasks("status = 0")).toMatchObject([{ task_type: "lingxing_cancelled", dsco_order_id: id, stage: "push" }]);
  });

  it("is looked up before it is sent again, also when a person requeued it", async () => {
    await world.open({ orders: 1 });
    await world.pulled();
    await world.pass(PUSH);
    const [id = ""] = await ids();
    await world.db.query("update sync_order_state set push_status = 3 where dsco_order_id = ?", [id]);
    await world.start(["order-state", "requeue", id, "--stage", "push", "--reason", "test"]).done;
    const sent = creates();
    expect((await world.pass(PUSH)).report).toMatchObject({ exit: { code: 0 }, counts: { done: 1 } });
    expect(creates()).toBe(sent);
  });
});

describe("two orders with one PO number, when that is the number in Lingxing", () => {
  it.each(["in one pass", "in two passes"])("come to one order there and a question to a person, %s", async (when) => {
    await world.open({ orders: 2 }, { IPASS_PLATFORM_ORDER_NO: "poNumber" });
    await world.pulled();
    const [first = "", second = ""] = await ids();
    const poNumber = String(world.vendors.state().dsco.orders[0]?.poNumber);
    world.vendors.changeOrders({ patch: [{ id: second, set: { poNumber } }], updatedAt: Date.now() - 15_000 });
    await world.pulled();
    if (when === "in two passes") await world.pass(PUSH, ["--order", first]);
    const pass = await world.pass(PUSH);
    expect(pass.report).toMatchObject({ exit: { code: 3 }, counts: { manual: 1 } });
    expect(await world.order(first)).toMatchObject({ push_status: 1, platform_order_no: poNumber });
    expect(await world.order(second)).toMatchObject({ push_status: 3, push_hold: "duplicate_number" });
    const tasks = await world.tasks();
    expect(tasks).toMatchObject([{ task_type: "duplicate_number", dsco_order_id: second }]);
    expect(tasks[0]?.payload).toContain(first);
    expect(world.vendors.state().lingxing.orders).toHaveLength(1);
  });
});

describe("when Lingxing is out", () => {
  it("answers every create with 500: exit 14 after three; what was asked stays in flight, nothing else was touched", async () => {
    await world.open({ orders: 900, faults: ["create:500-before:1"] });
    await world.pulled();
    const pass = await world.pass(PUSH);
    expect(pass.report).toMatchObject({ exit: { code: 14 }, counts: { done: 0, failed: 0, manual: 0 } });
    expect(creates(), "those that were under way when the third failed").toBeLessThanOrEqual(10 + 3);
    const statuses = await world.pushStatuses();
    expect(statuses[9]).toBe(creates() * 50);
    expect(statuses[0]).toBe(900 - creates() * 50);
    expect(await world.orders("push_retry_count > 0 or (push_status = 0 and push_next_attempt_at is not null)")).toEqual([]);
    expect(await world.tasks()).toEqual([]);
  });
});

describe("credentials", () => {
  it.each([
    {
      what: "an access token Lingxing does not know",
      env: { IPASS_LINGXING_ACCESS_TOKEN: "00000000-dead-4000-8000-000000000000" },
      faults: [],
    },
    { what: "an app Lingxing does not know", env: { IPASS_LINGXING_APP_ID: "ak_anotherapp001" }, faults: [] },
  ])("$what: exit 12 with what to check, no order charged", async ({ env, faults }) => {
    await world.open({ orders: 60, faults });
    await world.pulled();
    const [failedBefore = ""] = await ids();
    await oneFailedBefore(failedBefore);
    const pass = await world.pass(PUSH, [], env);
    expect(pass.report).toMatchObject({ exit: { code: 12, name: "credentials" }, counts: { done: 0, failed: 0, manual: 0 } });
    expect(pass.report.error?.next_step).toMatch(/IPASS_LINGXING_APP_ID/);
    await expectUncharged(failedBefore);
  });

  it("a token DSCO does not know: exit 12, the watermark stays", async () => {
    await world.open({ orders: 5 });
    const pass = await world.pass(PULL, [], { IPASS_DSCO_TOKEN: "not-the-token" });
    expect(pass.report).toMatchObject({ exit: { code: 12 }, error: { next_step: expect.stringContaining("IPASS_DSCO_TOKEN") } });
    expect(await world.watermark()).toBeUndefined();
  });

  it("with app secret and client secret: one token each serves all passes, and a withdrawn one is replaced once", async () => {
    await world.open({ orders: 20, auth: "secrets" });
    await world.pulled();
    const tokens = () => {
      const { endpoints } = world.vendors.stats();
      return Object.fromEntries(Object.entries(endpoints).filter(([path]) => /token|refresh/.test(path)));
    };
    await world.pass(PUSH, ["--limit", "5"]);
    await world.pass(PUSH, ["--limit", "5"]);
    expect(tokens()).toEqual({ "dsco POST /oauth2/token": 1, "lingxing POST /api/auth-server/oauth/access-token": 1 });

    world.vendors.replaceFaults(["create:401:#1"]);
    expect((await world.pass(PUSH)).report).toMatchObject({ exit: { code: 0 }, counts: { done: 10 } });
    const { "lingxing POST /api/auth-server/oauth/refresh": refreshed = 0, ...others } = tokens();
    expect({ refreshed, others }).toEqual({
      refreshed: 1,
      others: { "dsco POST /oauth2/token": 1, "lingxing POST /api/auth-server/oauth/access-token": 1 },
    });
    const stored = await world.db.query<{ ciphertext: string }>("select ciphertext from api_token");
    expect(stored).toHaveLength(2);
    expect(world.repeated()).toEqual({ inLingxing: [], createdAgain: [] });
  });

  it("several processes that need a token at the same moment fetch one", async () => {
    await world.open({ orders: 0, auth: "secrets", latencyMs: 50 });
    const env = { ...world.env, IPASS_DB_DSN: world.db.dsn, IPASS_LOG_DIR: `${world.cli.cwd}/logs` };
    const apps = Array.from({ length: 4 }, () => new App(env, randomUUID()));
    const ask = async (app: App): Promise<number> => {
      const config = app.config(["database", "dsco", "lingxing"]);
      const redactor = new Redactor();
      const vendors = new Vendors({
        config,
        shared: { database: config.database, db: app.database(config.database) },
        addSecret: (secret) => redactor.addSecret(secret),
        dryRun: false,
        log: app.log,
        redact: (text) => redactor.redact(text),
      });
      const found = await (await vendors.lingxing()).ordersByNumber([STORE_ID], ["1"]);
      await (await vendors.dsco()).hello();
      return found.length;
    };
    try {
      expect(await Promise.all(apps.map(ask))).toEqual([0, 0, 0, 0]);
    } finally {
      for (const app of apps) await app[Symbol.asyncDispose]();
    }
    const { endpoints } = world.vendors.stats();
    expect(endpoints["lingxing POST /api/auth-server/oauth/access-token"]).toBe(1);
    expect(endpoints["dsco POST /oauth2/token"]).toBe(1);
  });
});

describe("a cancellation", () => {
  it("that arrives while the push is in flight: the order is pushed, the rest is held, one task says so", async () => {
    await world.open({ orders: 3, latencyMs: 3000, limits: false });
    world.vendors.changeSettings({ latencyMs: 0 });
    await world.pulled();
    const [id = ""] = await ids();
    world.vendors.changeSettings({ latencyMs: 3000 });
    const push = world.start(["run", PUSH, "--json"]);
    await until("the create is on its way", () => creates() > 0);
    world.vendors.changeSettings({ latencyMs: 0 });
    world.vendors.changeOrders({ cancel: [id], updatedAt: Date.now() - 15_000 });
    await world.pulled();
    expect(await world.order(id), "not decided while it is in flight").toMatchObject({
      dsco_status: "cancelled",
      push_status: 9,
      ship_status: 0,
    });

    const pass = await world.finished(push);
    expect(pass.report.counts.done).toBe(3);
    expect(await world.order(id)).toMatchObject({ push_status: 1, ack_status: 3, ship_status: 3, invoice_status: 3 });
    const tasks = await world.tasks();
    expect(tasks).toMatchObject([{ task_type: "cancelled_after_push", dsco_order_id: id, status: 0, occurrences: 1 }]);
    expect(tasks[0]?.next_step).toContain(`ipass order-state done ${id}`);
    await world.pulled();
    await world.pass(PUSH);
    expect(await world.tasks()).toHaveLength(1);
  });

  it("before the push: nothing is sent and nobody is asked", async () => {
    await world.open({ orders: 2 });
    await world.pulled();
    const [id = ""] = await ids();
    world.vendors.changeOrders({ cancel: [id], updatedAt: Date.now() - 15_000 });
    await world.pulled();
    expect((await world.pass(PUSH)).report).toMatchObject({ exit: { code: 0 }, counts: { read: 1, done: 1 } });
    expect(await world.order(id)).toMatchObject({ push_status: 4, ack_status: 4, ship_status: 4, invoice_status: 4 });
    expect(await world.tasks()).toEqual([]);

    world.vendors.changeOrders({ uncancel: [id], updatedAt: Date.now() - 14_000 });
    await world.pulled();
    expect((await world.pass(PUSH)).report).toMatchObject({ exit: { code: 0 }, counts: { read: 1, done: 1 } });
    expect(await world.order(id)).toMatchObject({ push_status: 1, ack_status: 0, ship_status: 0, invoice_status: 0 });
  });

  it("that is only asked for holds the push until a person lets it go, or the retailer withdraws", async () => {
    await world.open({ orders: 2 });
    const sandbox = world.vendors;
    await world.pulled();
    const [first = "", second = ""] = await ids();
    const ask = (cancelRequested: boolean, list: string[], agoMs: number) =>
      sandbox.changeOrders({ patch: list.map((id) => ({ id, set: { cancelRequested } })), updatedAt: Date.now() - agoMs });
    ask(true, [first, second], 20_000);
    await world.pulled();
    expect((await world.pass(PUSH)).report.counts).toMatchObject({ read: 0, done: 0 });
    expect(await world.tasks("status = 0")).toMatchObject([{ task_type: "cancel_requested" }, { task_type: "cancel_requested" }]);

    await world.start(["order-state", "requeue", first, "--stage", "push", "--reason", "agreed by phone"]).done;
    ask(false, [second], 15_000);
    await world.pulled();
    expect((await world.pass(PUSH)).report.counts).toMatchObject({ read: 2, done: 2 });
    expect(await world.tasks("status = 0")).toEqual([]);
  });
});

describe("what the caller may ask for", () => {
  it("--dry-run: the plan and the figures of the pass to come, no write to Lingxing, no order changed", async () => {
    await world.open({ orders: 24, broken: 12 });
    await world.pulled();
    const before = await world.orders();
    const tasksBefore = await world.tasks();
    const rehearsal = await world.pass(PUSH, ["--dry-run"]);
    expect(creates()).toBe(0);
    expect(await world.orders()).toEqual(before);
    expect(await world.tasks()).toEqual(tasksBefore);
    const real = await world.pass(PUSH);
    expect(rehearsal.report).toMatchObject({ dry_run: true, exit: real.report.exit, counts: real.report.counts });
    const plan = rehearsal.report.plan ?? [];
    expect(real.report.plan).toBeUndefined();
    const sent = plan.filter((entry) => entry.do === "send");
    const arrived = world.vendors.state().lingxing.orders.map(({ platformOrderNos }) => platformOrderNos[0]);
    expect(sent.map((entry) => entry.platform_order_no).sort()).toEqual(arrived.sort());
    const handed = plan
      .filter((entry) => entry.do === "manual")
      .map(({ dsco_order_id, task_type, cause }) => [dsco_order_id, task_type, cause]);
    const opened = (await world.tasks()).filter(({ id }) => !tasksBefore.some((task) => task.id === id));
    expect(handed.sort()).toEqual(
      opened
        .map(({ dsco_order_id, task_type, payload }) => [dsco_order_id, task_type, (JSON.parse(payload) as { cause: string }).cause])
        .sort(),
    );
    expect(plan).toHaveLength(real.report.counts.done + real.report.counts.manual);
  });

  it("--dry-run with an answer outstanding: what would be adopted, and what would be sent again", async () => {
    await world.open({ orders: 4, limits: false, faults: ["create:reset-after:#1", "create:reset-before:#2", "list:reset-before:1"] });
    await world.pulled();
    const lost = await world.pass(PUSH, ["--max-duration", "3"], { IPASS_JOB_PUSH_ORDERS_TO_LINGXING_BATCH_SIZE: "2" });
    expect(lost.code).toBe(14);
    expect(await world.pushStatuses()).toEqual({ 9: 4 });
    world.vendors.replaceFaults([]);
    await world.age();
    const before = await world.orders();
    const rehearsal = await world.pass(PUSH, ["--dry-run"]);
    expect(await world.orders()).toEqual(before);
    const real = await world.pass(PUSH);
    expect(real.report).toMatchObject({ exit: { code: 0 }, counts: { done: 4 } });
    expect(rehearsal.report.counts).toEqual(real.report.counts);
    expect((rehearsal.report.plan ?? []).map((entry) => entry.do).sort()).toEqual(["adopt", "adopt", "send", "send"]);
  });

  it("--order: only that one, due or not; an id nobody knows is a usage error that names it, and nothing is done", async () => {
    await world.open({ orders: 5 });
    await world.pulled();
    const [first = "", second = ""] = await ids();
    await world.db.query(
      "update sync_order_state set push_status = 2, push_next_attempt_at = utc_timestamp(3) + interval 1 hour where dsco_order_id = ?",
      [second],
    );
    const named = await world.pass(PUSH, ["--order", second]);
    expect(named.report).toMatchObject({ exit: { code: 0 }, counts: { read: 1, done: 1 } });
    const unknown = await world.pass(PUSH, ["--order", first, "--order", "4711"]);
    expect(unknown.report).toMatchObject({
      exit: { code: 2, name: "usage" },
      error: { message: expect.stringContaining("4711"), next_step: expect.stringContaining("pull_dsco_orders --order 4711") },
    });
    expect(await world.pushStatuses()).toEqual({ 0: 4, 1: 1 });
    const again = await world.pass(PUSH, ["--order", second]);
    expect(again.report).toMatchObject({ exit: { code: 0 }, counts: { read: 1, skipped: 1 } });
  });

  it("--limit: so many orders and no more; what is settled is not counted", async () => {
    await world.open({ orders: 10, faults: ["create:reset-after:#1", "list:reset-before:every=1"] });
    await world.pulled();
    await world.pass(PUSH, ["--limit", "2", "--max-duration", "2"]);
    world.vendors.replaceFaults([]);
    const pass = await world.pass(PUSH, ["--limit", "3"]);
    expect(pass.report).toMatchObject({ exit: { code: 0 }, counts: { read: 5, done: 5 } });
    expect(await world.pushStatuses()).toEqual({ 0: 5, 1: 5 });
  });
});

import { once } from "node:events";
import { rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { SANDBOX_CREDENTIALS } from "../../src/sandbox/options.ts";
import type { CliResult } from "../helpers/cli.ts";
import { type Env, PULL, PUSH, useWorld } from "./world.ts";

const world = await useWorld();

/** Nobody else uses these words: wherever one turns up, it came from here. */
const PERSON = {
  name: "Quinzel Zyxcanary",
  company: "Zyxcompany Ltd",
  attention: "Zyxattention",
  address: ["77 Zyxstreet", "Zyxfloor 4"],
  city: "Zyxville",
  postal: "90876",
  phone: "+1 (555) 019-9887",
  email: "zyx.mail@zyxdomain.example",
};
const PERSONAL = [/zyx/i, /quinzel/i, /019\D?9887/];

const SECRETS = {
  ...SANDBOX_CREDENTIALS,
  dscoToken: "canarydscotoken0123456789",
  dscoClientSecret: "canary+client/secret=98",
  lingxingAppSecret: "canary/app+secret==7654",
  lingxingAccessToken: "canary00-4c4c-4d4d-8e8e-aaaabbbbcccc",
};
const DB_PASSWORD = "canaryDbPassw0rd";
const SECRET_TEXTS = [SECRETS.dscoToken, SECRETS.dscoClientSecret, SECRETS.lingxingAppSecret, SECRETS.lingxingAccessToken, DB_PASSWORD];
const FORBIDDEN = [
  ...PERSONAL,
  ...SECRET_TEXTS.flatMap((secret) =>
    [secret, encodeURIComponent(secret), Buffer.from(secret).toString("base64").replace(/=+$/, "").slice(0, -1)].map(
      (form) => new RegExp(form.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&"), "i"),
    ),
  ),
  /sign(ature)?=(?!\*\*\*|\[redacted\])[\w%+/]{16,}/i,
  /bearer (?!\*\*\*|\[redacted\])\S{6,}/i,
];

const printed: string[] = [];

/** Everything ipass has shown or written so far, but the raw orders and the sealed tokens. */
async function everythingShown(): Promise<Record<string, string>> {
  const table = async (name: string, columns: string) => JSON.stringify(await world.db.query(`select ${columns} from ${name}`));
  return {
    printed: printed.join("\n"),
    ...Object.fromEntries(["debug", "info", "warn", "error"].map((level) => [`${level}.log`, world.logText(level)])),
    sync_order_state: await table("sync_order_state", "*"),
    manual_task: await table("manual_task", "*"),
    order_event: await table("order_event", "*"),
    job_run: await table("job_run", "*"),
    api_token: await table("api_token", "*"),
  };
}

async function expectNothingLeaked(): Promise<void> {
  const shown = await everythingShown();
  const leaks = Object.entries(shown).flatMap(([where, text]) =>
    FORBIDDEN.flatMap((forbidden) => {
      const at = text.search(forbidden);
      return at < 0 ? [] : [`${where}: ${forbidden} in …${text.slice(Math.max(0, at - 160), at + 100)}…`];
    }),
  );
  expect(leaks).toEqual([]);
}

async function ipass(args: readonly string[], env: Env = {}): Promise<CliResult> {
  const result = await world.start(args, env).done;
  printed.push(result.stdout, result.stderr);
  return result;
}

async function bothJobs(env: Env = {}): Promise<void> {
  for (const job of [PULL, PUSH])
    for (const form of [["--json"], []]) {
      await ipass(["run", job, "--max-duration", "3", ...form], env);
      await world.age();
    }
}

async function lookAround(): Promise<void> {
  await ipass(["order-state", "--json", "--limit", "200"]);
  await ipass(["order-state", "--push-status", "3"]);
  await ipass(["manual-tasks", "--json", "--limit", "200"]);
  await ipass(["manual-tasks"]);
  const [order] = await world.orders();
  const [task] = await world.tasks();
  await ipass(["order-state", order?.dsco_order_id ?? "0"]);
  if (task !== undefined) await ipass(["manual-tasks", "show", task.id]);
}

/** Orders whose every text about the buyer is a canary, some of them broken in ways that make ipass speak of them. */
async function canaryOrders(orders = 24, broken = 12, options: Parameters<typeof world.open>[0] = {}): Promise<void> {
  printed.length = 0;
  rmSync(join(world.cli.cwd, "logs"), { recursive: true, force: true });
  await world.open({ orders, broken, limits: false, credentials: SECRETS, ...options });
  const patch = world.vendors.state().dsco.orders.flatMap((order) => {
    const shipping = order.shipping as Record<string, unknown>;
    const kept = Object.keys(PERSON).filter((field) => shipping[field] !== null && shipping[field] !== undefined && shipping[field] !== "");
    const set = Object.fromEntries([...kept, "company", "attention"].map((field) => [field, PERSON[field as keyof typeof PERSON]]));
    return order.dscoOrderId === undefined
      ? []
      : [{ id: String(order.dscoOrderId), set: { shipping: set, giftMessage: "Love, Zyxfriend" } }];
  });
  world.vendors.changeOrders({
    patch: patch.map(({ id, set }) => ({ id: /\d+/.exec(id.replace(/[^\d]/g, ""))?.[0] ?? id, set: set as never })),
    add: [
      { order: { dscoOrderId: null, shipping: PERSON, lineItems: "Zyxlines" } as never },
      { order: { dscoOrderId: "zero0001", shipping: PERSON.name, lineItems: [{ quantity: PERSON.name, sku: "MUG-1" }] } as never },
      { order: { dscoOrderId: "zero0002", poNumber: "PO-2", shipping: { ...PERSON, country: PERSON.name } } as never },
      { order: { dscoOrderId: "zero0003", shipping: PERSON, dscoStatus: "created", requestedWarehouseCode: "WH-CA" } as never },
    ],
    updatedAt: Date.now() - 20_000,
  });
}

let lingxing: Server | undefined;
afterEach(() => {
  lingxing?.closeAllConnections();
  lingxing?.close();
  lingxing = undefined;
});

interface Echo {
  readonly status?: number;
  readonly type?: string;
  /** From the request as Lingxing got it: everything it might quote back. */
  readonly body: (received: string, query: string) => string;
}

/** A Lingxing that answers every create in this way, and knows no order. */
async function lingxingThatEchoes({ status = 200, type = "application/json", body }: Echo): Promise<string> {
  lingxing = createServer((request, response) => {
    let received = "";
    request.setEncoding("utf8").on("data", (text: string) => {
      received += text;
    });
    request.on("end", () => {
      const isCreate = request.url?.includes("/create") === true;
      response.writeHead(isCreate ? status : 200, { "content-type": isCreate ? type : "application/json" });
      response.end(isCreate ? body(received, request.url ?? "") : '{"code":0,"message":"ok","data":{"total":"0","list":[]}}');
    });
  }).listen(0, "127.0.0.1");
  await once(lingxing, "listening");
  return `http://127.0.0.1:${(lingxing.address() as AddressInfo).port}`;
}

describe("no secret and no personal data shows, in logs, output, errors, tasks or events,", () => {
  it("when all goes its way, with fixed tokens", async () => {
    await canaryOrders();
    await bothJobs();
    await lookAround();
    expect((await world.tasks()).length).toBeGreaterThan(5);
    expect(JSON.stringify(world.vendors.state().lingxing.orders), "they did arrive where they belong").toContain(PERSON.name);
    await expectNothingLeaked();
  });

  it("when tokens are fetched with secrets", async () => {
    await canaryOrders(6, 0, { auth: "secrets" });
    await bothJobs();
    expect(await world.db.query("select * from api_token")).toHaveLength(2);
    await expectNothingLeaked();
  });

  it("when secrets are refused", async () => {
    await canaryOrders(6, 0);
    await bothJobs();
    const secrets = { IPASS_DSCO_TOKEN: "", IPASS_DSCO_CLIENT_ID: "x", IPASS_DSCO_CLIENT_SECRET: SECRETS.dscoClientSecret };
    await bothJobs({
      ...secrets,
      IPASS_LINGXING_ACCESS_TOKEN: "",
      IPASS_LINGXING_APP_SECRET: SECRETS.lingxingAppSecret,
      IPASS_LINGXING_APP_ID: "ak_anotherapp001",
    });
    const dsn = new URL(world.db.dsn);
    dsn.password = DB_PASSWORD;
    await bothJobs({ IPASS_DB_DSN: dsn.href });
    await bothJobs({ IPASS_DB_DSN: `ipass:${DB_PASSWORD}@tcp(127.0.0.1:x)/db`, IPASS_LINGXING_APP_ID: SECRETS.lingxingAppSecret });
    await expectNothingLeaked();
  });

  it("when calls fail in every way", { timeout: 60_000 }, async () => {
    await canaryOrders(40, 12);
    for (const fault of ["reset-after", "500-after", "truncated", "html", "other-shape", "refuse-signature", "401"]) {
      world.vendors.replaceFaults([`order_page:${fault}:every=2`, `create:${fault}:every=2`, `list:${fault}:every=3`]);
      for (const job of [PULL, PUSH])
        await ipass(["run", job, "--max-duration", "2", "--limit", "6"], { IPASS_JOB_PUSH_ORDERS_TO_LINGXING_BATCH_SIZE: "2" });
      await world.age();
    }
    await lookAround();
    await expectNothingLeaked();
  });

  it("when the database refuses a statement", async () => {
    await canaryOrders(6, 0);
    await world.db.query("alter table dsco_order_raw modify payload varchar(200) not null");
    try {
      expect((await ipass(["run", PULL])).code).toBe(13);
      expect((await ipass(["run", PULL, "--json"])).code).toBe(13);
    } finally {
      await world.db.query("alter table dsco_order_raw modify payload longtext not null");
    }
    await expectNothingLeaked();
  });

  const about = (received: string): string => {
    const [order] = (
      JSON.parse(received) as {
        orders: { platform_order_no: string; receiver_name: string; address_line1: string; receiver_mobile: string }[];
      }
    ).orders;
    return `订单 ${order?.platform_order_no}: 收件人 ${order?.receiver_name}, ${order?.address_line1}, tel ${order?.receiver_mobile}, ${PERSON.email}`;
  };
  it.each<{ what: string } & Echo>([
    {
      what: "refuses a batch in words that quote it",
      body: (text) => JSON.stringify({ code: 102, message: about(text), error_details: [about(text), text], data: null }),
    },
    {
      what: "fails in words that quote the batch",
      body: (text) => JSON.stringify({ code: 500, message: about(text), error_details: [about(text)], data: null }),
    },
    {
      what: "refuses each order in words that quote it",
      body: (text) =>
        JSON.stringify({
          code: 10000,
          message: "失败",
          data: {
            success_details: [],
            error_details: (
              JSON.parse(text) as { orders: { platform_order_no: string; receiver_name: string; city: string }[] }
            ).orders.map((order) => ({
              platform_order_no: order.platform_order_no,
              error_message: `收件人 ${order.receiver_name} (${PERSON.phone}, ${PERSON.email}) 的城市 ${order.city} 无效`,
            })),
          },
        }),
    },
    {
      what: "quotes our token and signature",
      body: (_, query) => JSON.stringify({ code: "2001005", msg: `access token does not match: ${query}`, data: null }),
    },
    {
      what: "quotes our signature and refuses it",
      body: (_, query) =>
        JSON.stringify({ code: "2001006", msg: `api sign not correct: ${query} ${decodeURIComponent(query)}`, data: null }),
    },
    {
      what: "answers with a page of HTML that quotes everything",
      status: 502,
      type: "text/html",
      body: (text, query) => `<html><body>${query}<pre>${text}</pre></body></html>`,
    },
    {
      what: "answers 400 with everything",
      status: 400,
      body: (text, query) => JSON.stringify({ code: 400, message: `${query} ${about(text)}`, data: null }),
    },
    {
      what: "answers with another shape that holds everything",
      body: (text) => JSON.stringify({ code: 0, message: about(text), data: [{ success_details: text, error_details: [about(text)] }] }),
    },
    {
      what: "cuts its JSON after everything",
      body: (text) => `{"code":0,"message":${JSON.stringify(about(text))},"data":{"x":${text.slice(0, 400)}`,
    },
  ])("when Lingxing $what", async ({ what: _what, ...echo }) => {
    await canaryOrders(4, 0);
    await ipass(["run", PULL]);
    const env = {
      IPASS_LINGXING_BASE_URL: await lingxingThatEchoes(echo),
      IPASS_MAX_RETRY_PER_ORDER: "2",
      IPASS_JOB_PUSH_ORDERS_TO_LINGXING_BATCH_SIZE: "2",
    };
    for (const form of [["--json"], [], ["--json"]]) {
      await ipass(["run", PUSH, "--max-duration", "2", ...form], env);
      await world.age();
    }
    await lookAround();
    expect(await world.orders("push_status = 1")).toEqual([]);
    await expectNothingLeaked();
  });

  it("when DSCO quotes our token", async () => {
    await canaryOrders(2, 0);
    const dsco = createServer((request, response) => {
      response.writeHead(403, { "content-type": "application/json" });
      response.end(
        JSON.stringify({
          status: "failure",
          requestId: "r-1",
          messages: [{ code: "unauthorized", description: [`header was ${request.headers.authorization}, for ${PERSON.email}`] }],
        }),
      );
    }).listen(0, "127.0.0.1");
    lingxing = dsco;
    await once(dsco, "listening");
    const { code } = await ipass(["run", PULL, "--json"], {
      IPASS_DSCO_BASE_URL: `http://127.0.0.1:${(dsco.address() as AddressInfo).port}`,
    });
    expect(code).toBe(12);
    await expectNothingLeaked();
  });
});

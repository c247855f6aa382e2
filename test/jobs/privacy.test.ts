import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { Canaries, DB_PASSWORD, PERSON, SECRETS } from "../helpers/canaries.ts";
import { type Env, PULL, PUSH, useWorld } from "./world.ts";

const world = await useWorld();

const canaries = new Canaries(world);

async function bothJobs(env: Env = {}): Promise<void> {
  for (const job of [PULL, PUSH])
    for (const form of [["--json"], []]) {
      await canaries.ipass(["run", job, "--max-duration", "3", ...form], env);
      await world.age();
    }
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
    await canaries.open();
    await bothJobs();
    await canaries.lookAround();
    expect((await world.tasks()).length).toBeGreaterThan(5);
    expect(JSON.stringify(world.vendors.state().lingxing.orders), "they did arrive where they belong").toContain(PERSON.name);
    await canaries.expectNothingLeaked();
  });

  it("when tokens are fetched with secrets", async () => {
    await canaries.open(6, 0, { auth: "secrets" });
    await bothJobs();
    expect(await world.db.query("select * from api_token")).toHaveLength(2);
    await canaries.expectNothingLeaked();
  });

  it("when secrets are refused", async () => {
    await canaries.open(6, 0);
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
    await canaries.expectNothingLeaked();
  });

  it("when calls fail in every way", { timeout: 60_000 }, async () => {
    await canaries.open(40, 12);
    for (const fault of ["reset-after", "500-after", "truncated", "html", "other-shape", "refuse-signature", "401"]) {
      world.vendors.replaceFaults([`order_page:${fault}:every=2`, `create:${fault}:every=2`, `list:${fault}:every=3`]);
      for (const job of [PULL, PUSH])
        await canaries.ipass(["run", job, "--max-duration", "2", "--limit", "6"], { IPASS_JOB_PUSH_ORDERS_TO_LINGXING_BATCH_SIZE: "2" });
      await world.age();
    }
    await canaries.lookAround();
    await canaries.expectNothingLeaked();
  });

  it("when the database refuses a statement", async () => {
    await canaries.open(6, 0);
    await world.db.query("alter table dsco_order_raw modify payload varchar(200) not null");
    try {
      expect((await canaries.ipass(["run", PULL])).code).toBe(13);
      expect((await canaries.ipass(["run", PULL, "--json"])).code).toBe(13);
    } finally {
      await world.db.query("alter table dsco_order_raw modify payload longtext not null");
    }
    await canaries.expectNothingLeaked();
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
    await canaries.open(4, 0);
    await canaries.ipass(["run", PULL]);
    const env = {
      IPASS_LINGXING_BASE_URL: await lingxingThatEchoes(echo),
      IPASS_MAX_RETRY_PER_ORDER: "2",
      IPASS_JOB_PUSH_ORDERS_TO_LINGXING_BATCH_SIZE: "2",
    };
    for (const form of [["--json"], [], ["--json"]]) {
      await canaries.ipass(["run", PUSH, "--max-duration", "2", ...form], env);
      await world.age();
    }
    await canaries.lookAround();
    expect(await world.orders("push_status = 1")).toEqual([]);
    await canaries.expectNothingLeaked();
  });

  it("when DSCO quotes our token", async () => {
    await canaries.open(2, 0);
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
    const { code } = await canaries.ipass(["run", PULL, "--json"], {
      IPASS_DSCO_BASE_URL: `http://127.0.0.1:${(dsco.address() as AddressInfo).port}`,
    });
    expect(code).toBe(12);
    await canaries.expectNothingLeaked();
  });
});

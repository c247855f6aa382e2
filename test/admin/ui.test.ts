import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { readNotice } from "../../src/admin/page/notice.ts";
import { reportWithin } from "../../src/admin/ui-actions.ts";
import { parseDsn } from "../../src/config/dsn.ts";
import type { RunReport } from "../../src/jobs/run-job.ts";
import { personalDataOf } from "../../src/personal-data.ts";
import { lockName, NamedLock } from "../../src/store/lock.ts";
import { addOrderRow } from "../helpers/builders.ts";
import { useCli } from "../helpers/cli.ts";
import { useTestDatabase } from "../helpers/mysql.ts";
import { PULL, PUSH, until, World } from "../jobs/world.ts";
import { type Answer, BEARER, type Served, serve } from "./served.ts";

const db = await useTestDatabase();
const world = new World(db, useCli({ IPASS_DB_DSN: db.dsn }));
const BROWSER = { ...BEARER, accept: "text/html,application/xhtml+xml", "accept-language": "en" };
const FORM = { ...BROWSER, "content-type": "application/x-www-form-urlencoded" };

let admin: Served;
beforeAll(async () => {
  await world.open({ orders: 12, broken: 4 });
  admin = await serve(world, { IPASS_JOB_SYNC_STOCK_ENABLE: "false" });
});
afterAll(async () => {
  await admin.stop();
  await world.close();
});
beforeEach(() => db.empty());

const send = (path: string, fields: readonly (readonly [string, string])[], server = admin) =>
  server.post(path, {
    headers: FORM,
    body: new URLSearchParams(fields.map(([name, value]): [string, string] => [name, value])).toString(),
  });
/** What the page that is shown next will tell. */
const noticeOf = (answer: Answer) => {
  const cookie = answer.headers.getSetCookie().find((text) => text.startsWith("ipass_notice="));
  return readNotice(cookie?.split(";")[0]?.split("=")[1]);
};
const page = async (query: string, headers: Readonly<Record<string, string>> = BROWSER) =>
  admin.get(query === "" ? "/" : `/?${query}`, headers);

describe("a view", () => {
  it("is the order's own where only one goes by a number, whatever number that is", async () => {
    const numbers = { po_number: "PO-1", platform_order_no: "PLAT-1", store_id: "1", lingxing_global_order_no: "103336708973801472" };
    await addOrderRow(db, { dsco_order_id: "A1", ...numbers });
    await addOrderRow(db, { dsco_order_id: "A2", po_number: "PO-2" });
    await addOrderRow(db, { dsco_order_id: "A3", po_number: "PO-2" });
    for (const number of ["A1", ...Object.values(numbers).filter((value) => value !== "1"), "%20A1%20"]) {
      const { status, headers } = await page(`q=${number}`);
      expect({ number, status, location: headers.get("location") }).toEqual({ number, status: 303, location: "/?order=A1" });
    }
    const several = await page("q=PO-2");
    expect(several.status).toBe(200);
    expect(several.text).toMatch(/href="\/\?order=A2"[\s\S]*href="\/\?order=A3"/);
    const none = await page("q=A9");
    expect(none.status).toBe(404);
    expect(none.text).toContain("ipass run pull_dsco_orders --order A9");
    expect((await page("order=A9")).status).toBe(404);
    expect((await page("order=A1")).text).toContain("The push to Lingxing is due");
  });

  it("lists what was counted: the orders whose turn it is, not those that have not come there", async () => {
    await addOrderRow(db, { dsco_order_id: "A1", push_status: 1, ack_status: 3 });
    await addOrderRow(db, { dsco_order_id: "A2", push_status: 3, ack_status: 3 });
    const { text } = await page("view=orders&stage=ack&status=3");
    expect(text).toContain("A1");
    expect(text).not.toContain("A2");
  });

  it("pages with plain links, which keep what was chosen", async () => {
    for (let n = 0; n < 51; n++) await addOrderRow(db, { dsco_order_id: `B${String(n).padStart(2, "0")}`, push_status: 2 });
    const first = await page("view=orders&stage=push&status=2");
    expect(first.text).toContain("1–50 of 51");
    const next = /rel="next" href="([^"]+)"/.exec(first.text)?.[1]?.replaceAll("&amp;", "&") ?? "";
    expect(next).toBe("/?view=orders&stage=push&status=2&offset=50");
    const second = await admin.get(next, BROWSER);
    expect(second.text).toMatch(/51–51 of 51/);
    expect(second.text).toContain("B50");
  });

  it("says on a page what is wrong with a link, to a script as JSON", async () => {
    for (const query of ["status=7", "offset=x", "view=nonsense", "order=%0a", "surprise=1", "status=1&status=2", "lang=fr"]) {
      const name = query.split("=")[0] ?? "";
      const shown = await page(query);
      expect(shown.status).toBe(400);
      expect(shown.text).toMatch(new RegExp(`<h1>[\\s\\S]*That request is wrong[\\s\\S]*${name}: `));
      const told = await page(query, BEARER);
      expect(told.json().error.message).toContain(name);
    }
  });

  it("is in the language that was asked for, and remembers a choice", async () => {
    expect((await page("", { ...BROWSER, "accept-language": "zh-CN,zh;q=0.9,en;q=0.8" })).text).toContain('<html lang="zh-CN">');
    const chosen = await page("lang=zh");
    expect(chosen.text).toContain('<html lang="zh-CN">');
    const [cookie = ""] = chosen.headers.getSetCookie();
    expect(cookie).toMatch(/^ipass_lang=zh; Max-Age=31536000; Path=\/; HttpOnly; SameSite=Strict$/);
    expect((await page("", { ...BROWSER, cookie: "ipass_lang=zh" })).text).toContain('<html lang="zh-CN">');
    expect(chosen.text).not.toMatch(/href="[^"]*lang=zh/);
  });

  it("asks again by itself only where that was wished", async () => {
    expect((await page("")).headers.get("refresh")).toBeNull();
    expect((await page("refresh=1")).headers.get("refresh")).toBe("60");
  });

  it("shows nobody's name, address, phone or e-mail", async () => {
    await world.pulled();
    await world.pass(PUSH);
    const texts = await db.query<{ dsco_order_id: string; payload: string }>("select dsco_order_id, payload from dsco_order_raw");
    const people = [...new Set(texts.flatMap(({ payload }) => personalDataOf(JSON.parse(payload))))].filter((text) => text.length > 4);
    expect(people.length).toBeGreaterThan(20);
    const orders = texts.map(({ dsco_order_id }) => `order=${encodeURIComponent(dsco_order_id)}`);
    for (const query of ["", "view=orders", "view=tasks", "view=runs", ...orders]) {
      const { status, text } = await page(query);
      expect(status).toBe(200);
      for (const person of people) expect(text, `${person} in ${query}`).not.toContain(person);
    }
  }, 60_000);
});

describe("requeue", () => {
  const stuck = (id: string, columns: Record<string, unknown> = {}) =>
    addOrderRow(db, { dsco_order_id: id, push_status: 3, push_error: "x", ...columns });
  const back = ["back", "/?view=orders&stage=push&status=3"] as const;

  it("takes several, keeps why and who, and leads back", async () => {
    for (const id of ["A1", "A2"]) await stuck(id);
    const answer = await send("/ui/requeue", [["id", "A1"], ["id", "A2"], ["id", "A1"], ["stage", "push"], ["reason", " settled "], back]);
    expect(answer.status).toBe(303);
    expect(answer.headers.get("location")).toBe(back[1]);
    expect(noticeOf(answer)).toEqual({ of: "requeued", count: 2 });
    expect((await world.orders()).map(({ push_status }) => push_status)).toEqual([0, 0]);
    const events = await db.query<{ actor: string; detail: string; trace_id: string }>("select actor, detail, trace_id from order_event");
    expect(events).toHaveLength(2);
    expect(events[0]).toMatchObject({ actor: "admin@127.0.0.1", trace_id: answer.headers.get("x-trace-id") });
    expect(JSON.parse(events[0]?.detail ?? "")).toEqual({ from: 3, to: 0, reason: "settled" });
  });

  it("changes nothing where one of them forbids it, and the page says which", async () => {
    await stuck("A1");
    await stuck("A2", { push_status: 9 });
    const answer = await send("/ui/requeue", [
      ["id", "A1"],
      ["id", "A2"],
      ["stage", "push"],
      ["reason", "x"],
    ]);
    expect(answer.status).toBe(303);
    expect(answer.headers.get("location")).toBe("/");
    expect(noticeOf(answer)).toMatchObject({ of: "refused", said: expect.stringMatching(/A2 is at 9, in flight/) });
    expect((await world.orders()).map(({ push_status }) => push_status)).toEqual([3, 9]);
    const cookie = answer.headers.getSetCookie()[0]?.split(";")[0] ?? "";
    const next = await page("", { ...BROWSER, "accept-language": "zh", cookie });
    expect(next.text).toMatch(/role="alert"[\s\S]*被拒绝，什么都没有改。[\s\S]*不能重新处理 push：A2 在途/);
    expect(next.headers.getSetCookie()).toEqual([expect.stringMatching(/^ipass_notice=; Max-Age=0/)]);
  });

  it.each([
    {
      name: "an unknown order",
      fields: [
        ["id", "A9"],
        ["reason", "x"],
      ],
      notice: { of: "refused", said: "unknown order A9" },
    },
    { name: "no order", fields: [["reason", "x"]], notice: { of: "noSelection" } },
    { name: "no reason", fields: [["id", "A1"]], notice: { of: "noReason" } },
    {
      name: "a blank reason",
      fields: [
        ["id", "A1"],
        ["reason", "  "],
      ],
      notice: { of: "noReason" },
    },
  ] as const)("tells on the page: $name", async ({ fields, notice }) => {
    await stuck("A1");
    const answer = await send("/ui/requeue", [["stage", "push"], ...fields]);
    expect(answer.status).toBe(303);
    expect(noticeOf(answer)).toMatchObject(notice);
    expect((await world.order("A1")).push_status).toBe(3);
  });

  it.each(["//evil.example/", "https://evil.example/", "/\\evil.example", "/?a b", "/login", "/?x\r\nset-cookie: a=b"])(
    "leads nowhere else: %j",
    async (to) => {
      await stuck("A1");
      const answer = await send("/ui/requeue", [
        ["id", "A1"],
        ["stage", "push"],
        ["reason", "x"],
        ["back", to],
      ]);
      expect(answer.status).toBe(400);
      expect(answer.text).toContain("back: ");
      expect((await world.order("A1")).push_status).toBe(3);
    },
  );

  it("takes what the page itself sends back, whatever an order is called", async () => {
    const odd = "7'\"<&>中 +%";
    await stuck(odd);
    const shown = await page(`order=${encodeURIComponent(odd)}`);
    const field = /name="back" value="([^"]+)"/.exec(shown.text)?.[1]?.replaceAll("&amp;", "&") ?? "";
    const answer = await send("/ui/requeue", [
      ["id", odd],
      ["stage", "push"],
      ["reason", "x"],
      ["back", field],
    ]);
    expect(noticeOf(answer)).toEqual({ of: "requeued", count: 1 });
    expect((await admin.get(answer.headers.get("location") ?? "", BROWSER)).text).toContain("The push to Lingxing is due");
  });
});

describe("resolve", () => {
  it("closes several tasks and touches no stage; what is closed already is no change", async () => {
    await addOrderRow(db, { dsco_order_id: "A1", push_status: 3 });
    for (const n of [1, 2])
      await db.query("insert into manual_task set ?", [
        { task_type: "sync_failed", dsco_order_id: "A1", stage: "push", payload: "{}", fingerprint: String(n), next_step: "x" },
      ]);
    const ids = (await world.tasks()).map(({ id }) => ["id", id] as const);
    const answer = await send("/ui/resolve", [...ids, ["reason", "settled by phone"]]);
    expect(noticeOf(answer)).toEqual({ of: "resolved", count: 2 });
    expect(await world.tasks("status = 2 and resolved_by = 'admin@127.0.0.1' and reason = 'settled by phone'")).toHaveLength(2);
    expect((await world.order("A1")).push_status).toBe(3);
    expect(
      noticeOf(
        await send("/ui/resolve", [
          ["id", "999999"],
          ["reason", "x"],
        ]),
      ),
    ).toMatchObject({ of: "refused", said: "unknown task 999999" });
    expect(
      (
        await send("/ui/resolve", [
          ["id", "x"],
          ["reason", "x"],
        ])
      ).status,
    ).toBe(400);
  });
});

describe("run", () => {
  it("makes one pass, keeps why with it, and tells how it ended", async () => {
    const answer = await send("/ui/run", [
      ["job", PULL],
      ["reason", "first look"],
      ["back", "/?view=runs"],
    ]);
    expect(answer.headers.get("location")).toBe("/?view=runs");
    expect(noticeOf(answer)).toMatchObject({
      of: "ran",
      job: PULL,
      exit: { code: 0, name: "ok" },
      trace: answer.headers.get("x-trace-id"),
    });
    expect(await db.query("select actor, reason, trace_id from job_run")).toEqual([
      { actor: "admin@127.0.0.1", reason: "first look", trace_id: answer.headers.get("x-trace-id") },
    ]);
  });

  it("makes it for one order only, where one is named", async () => {
    await world.pulled();
    const [order] = await world.orders("push_status = 0");
    const id = order?.dsco_order_id ?? "";
    const answer = await send("/ui/run", [
      ["job", PUSH],
      ["order", id],
      ["reason", "x"],
    ]);
    expect(noticeOf(answer)).toMatchObject({ of: "ran", exit: { code: 0 }, done: 1 });
    expect((await world.orders("push_status = 1")).map(({ dsco_order_id }) => dsco_order_id)).toEqual([id]);
  });

  it("tells who holds the lock instead of waiting for it", async () => {
    const config = parseDsn(db.dsn);
    const { lock } = await NamedLock.acquire(config, lockName(config.database, PULL), 0, new AbortController().signal);
    await using _held = lock;
    expect(
      noticeOf(
        await send("/ui/run", [
          ["job", PULL],
          ["reason", "x"],
        ]),
      ),
    ).toMatchObject({
      of: "ran",
      exit: { code: 11, name: "locked" },
      said: expect.stringContaining("already running"),
    });
  });

  it.each([
    {
      name: "a job that is switched off",
      fields: [
        ["job", "sync_stock"],
        ["reason", "x"],
      ],
      notice: { of: "off", job: "sync_stock" },
    },
    { name: "no reason", fields: [["job", PULL]], notice: { of: "noReason" } },
    {
      name: "an order nobody knows",
      fields: [
        ["job", PUSH],
        ["order", "A9"],
        ["reason", "x"],
      ],
      notice: { of: "ran", exit: { code: 2, name: "usage" }, said: "unknown order A9" },
    },
  ] as const)("tells on the page: $name", async ({ fields, notice }) => {
    const answer = await send("/ui/run", fields);
    expect(answer.status).toBe(303);
    expect(noticeOf(answer)).toMatchObject(notice);
  });

  it("does not keep a reader waiting for a long pass", async () => {
    const report = {} as RunReport;
    expect(await reportWithin(60_000, Promise.resolve(report))).toBe(report);
    expect(await reportWithin(1, new Promise(() => undefined))).toBeUndefined();
  });
});

describe("everything broken", () => {
  it("says so on a page, with what to do, and says it again to a form", async () => {
    const broken = await serve(world, { IPASS_DB_DSN: "mysql://u:secret@127.0.0.1:1/nothing" });
    const shown = await broken.get("/", { ...BROWSER, "accept-language": "zh" });
    expect(shown.status).toBe(503);
    expect(shown.text).toMatch(/数据库没有应答[\s\S]*IPASS_DB_DSN[\s\S]*ECONNREFUSED/);
    expect(shown.text).not.toContain("secret");
    const sent = await send(
      "/ui/requeue",
      [
        ["id", "A1"],
        ["stage", "push"],
        ["reason", "x"],
      ],
      broken,
    );
    expect(sent.status).toBe(503);
    expect(sent.text).toContain("The database does not answer");
    expect((await broken.get("/", BEARER)).json().error).toMatchObject({ name: "database" });
    await until("a pass tells it too", async () =>
      noticeOf(
        await send(
          "/ui/run",
          [
            ["job", PULL],
            ["reason", "x"],
          ],
          broken,
        ),
      ),
    );
    await broken.stop();
  });
});

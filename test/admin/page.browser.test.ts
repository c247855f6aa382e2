import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { expectAccessible, launchBrowser } from "../helpers/browser.ts";
import { useCli } from "../helpers/cli.ts";
import { useTestDatabase } from "../helpers/mysql.ts";
import { PUSH, World } from "../jobs/world.ts";
import { type Served, serve, TOKEN } from "./served.ts";

/** Held for a person though nothing is wrong with them any more: one for each way to work. */
const [BY_MOUSE, BY_KEYBOARD, WITHOUT_SCRIPT, UNTOUCHED] = ["1200000001", "1200000002", "1200000003", "1200000004"] as const;
const STUCK = [BY_MOUSE, BY_KEYBOARD, WITHOUT_SCRIPT, UNTOUCHED];
/** Several pages each, on a machine that may be busy. */
const PATIENCE_MS = 120_000;
const PUSH_CARD = 'section:has(#way) ol > li:has-text("推单")';

const db = await useTestDatabase();
const world = new World(db, useCli({ IPASS_DB_DSN: db.dsn }));
let browser: Browser;
let admin: Served;
const contexts: BrowserContext[] = [];

beforeAll(async () => {
  browser = await launchBrowser();
  await world.open({ orders: 8, broken: 0 });
  await world.pulled();
  await world.db.query(
    "update sync_order_state set push_status = 3, push_at = utc_timestamp(3), push_hold = 'missing_mapping', push_error = 'no mapping for SKU MUG-BLUE' where dsco_order_id in (?)",
    [STUCK],
  );
  for (const id of STUCK)
    await world.db.query("insert into manual_task set ?", [
      {
        task_type: "missing_mapping",
        dsco_order_id: id,
        stage: "push",
        payload: '{"cause":"no mapping for SKU MUG-BLUE"}',
        fingerprint: id,
        next_step: `add it to the map, then: ipass order-state requeue ${id} --stage push --reason "mapping added"`,
      },
    ]);
  await world.pass(PUSH);
  admin = await serve(world);
}, 180_000);
afterEach(() => Promise.all(contexts.splice(0).map((context) => context.close())));
afterAll(async () => {
  await browser?.close();
  await admin?.stop();
  await world.close();
});

/** A browser of its own, not signed in. What the page does wrong (a style or script that may not run) is told by the browser's console. */
async function open(options: BrowserContextOptions): Promise<{ page: Page; complaints: string[] }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  contexts.push(context);
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" && !message.text().includes("the server responded with a status of")) complaints.push(message.text());
  });
  await page.goto(admin.url);
  return { page, complaints };
}

async function signedIn(options: BrowserContextOptions): Promise<{ page: Page; complaints: string[] }> {
  const opened = await open(options);
  await opened.page.getByRole("textbox").fill(TOKEN);
  await opened.page.getByRole("button").click();
  await opened.page.getByRole("heading", { level: 2 }).first().waitFor();
  return opened;
}

const view = (query: string) => new URL(`/?${query}`, admin.url).href;
const pushed = async (id: string) => (await world.order(id)).push_status;
const eventsOf = (id: string) =>
  world.db.query<{ event: string; actor: string | null; detail: string | null }>(
    "select event, actor, detail from order_event where dsco_order_id = ? order by id",
    [id],
  );

describe("un-sticking an order", { timeout: PATIENCE_MS }, () => {
  it("with the mouse, in Chinese: sign in, find it, requeue it with a reason, see it move", async () => {
    const { page, complaints } = await open({ locale: "zh-CN" });
    await page.getByLabel("管理令牌").fill("wrong");
    await page.getByRole("button", { name: "登录" }).click();
    await page.getByText("令牌不对").waitFor();
    await page.getByLabel("管理令牌").fill(TOKEN);
    await page.getByRole("button", { name: "登录" }).click();

    await page.locator(PUSH_CARD).getByRole("link", { name: "4 待人工处理" }).click();
    await page.getByRole("heading", { name: "停在“推单”的订单：待人工处理 4" }).waitFor();
    await page.getByRole("link", { name: BY_MOUSE }).click();
    await page.getByText("推单待人工处理：没有映射：SKU MUG-BLUE。").waitFor();
    await page.getByText("在映射里补上，然后：").waitFor();
    await page.locator("summary", { hasText: "重新处理“推单”" }).click();
    const form = page.locator('form[action="/ui/requeue"]');
    await form.getByText(`ipass order-state requeue ${BY_MOUSE} --stage push --reason "…"`).waitFor();
    await form.getByLabel("原因").fill("映射已补上");
    await form.getByRole("button").click();
    await page.getByRole("status").getByText("1 单已回到“等待”").waitFor();
    expect(await page.locator("tr", { hasText: "推单" }).first().textContent()).toContain("等待");
    expect(await pushed(BY_MOUSE)).toBe(0);

    await page.locator("summary", { hasText: "马上处理这一单" }).click();
    const run = page.locator('form[action="/ui/run"]').first();
    await run.getByText(`ipass run ${PUSH} --order ${BY_MOUSE}`).waitFor();
    await run.getByLabel("原因").fill("看它动起来");
    await run.getByRole("button").click();
    await page.getByRole("status").getByText("“推单”运行完毕：正常（0），完成 1 项。").waitFor();
    expect(await page.locator("tr", { hasText: "推单" }).first().textContent()).toContain("完成");

    expect(await pushed(BY_MOUSE)).toBe(1);
    expect(world.repeated()).toEqual({ inLingxing: [], createdAgain: [] });
    const requeued = (await eventsOf(BY_MOUSE)).find(({ event }) => event === "push_requeued");
    expect(requeued).toMatchObject({ actor: "admin@127.0.0.1", detail: expect.stringContaining("映射已补上") });
    expect(await world.tasks(`dsco_order_id = '${BY_MOUSE}'`)).toMatchObject([{ status: 2, resolved_by: "admin@127.0.0.1" }]);
    expect(await world.db.query("select actor, reason from job_run where reason is not null")).toEqual([
      { actor: "admin@127.0.0.1", reason: "看它动起来" },
    ]);
    await page.goto(view("view=runs"));
    await page.getByText("看它动起来").waitFor();
    expect(complaints).toEqual([]);
  });

  it("with the keyboard alone, in English", async () => {
    const { page } = await open({ locale: "en-GB" });
    expect(await page.evaluate("document.activeElement.id")).toBe("token");
    await page.keyboard.type(TOKEN);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Jobs" }).waitFor();

    await page.keyboard.press("Tab");
    expect(await focused(page)).toBe("Skip to content");
    expect(await page.evaluate("document.activeElement.getBoundingClientRect().top")).toBeGreaterThanOrEqual(0);
    await tabTo(page, "Order id, PO or Lingxing number");
    await page.keyboard.type(`PO-7-${BY_KEYBOARD.slice(-6)}`);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: `Order ${BY_KEYBOARD}` }).waitFor();

    await tabTo(page, "Requeue “Push”");
    expect(await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")).not.toBe("none");
    await page.keyboard.press("Enter");
    await tabTo(page, "Why? It is recorded.");
    await page.keyboard.type("mapping added");
    await page.keyboard.press("Enter");
    await page.getByRole("status").getByText("1 stage was requeued").waitFor();
    expect(await pushed(BY_KEYBOARD)).toBe(0);
  });

  it("without JavaScript: by search, then several in a list, and refused where it cannot be", async () => {
    const { page } = await signedIn({ locale: "en-GB", javaScriptEnabled: false });
    await page.getByRole("searchbox").fill(WITHOUT_SCRIPT);
    await page.getByRole("searchbox").press("Enter");
    await page.locator("summary", { hasText: "Requeue “Push”" }).click();
    const form = page.locator('form[action="/ui/requeue"]');
    await form.getByLabel("Reason").fill("mapping added");
    await form.getByRole("button").click();
    await page.getByRole("status").getByText("1 stage was requeued").waitFor();
    expect(await pushed(WITHOUT_SCRIPT)).toBe(0);

    await page.goto(view("view=orders&stage=push&status=3"));
    await page.getByText("Select all on this page").click();
    expect(await page.getByRole("checkbox", { checked: true }).count()).toBeGreaterThan(0);
    // While the list is on the screen, a pass takes one of them.
    await world.db.query("update sync_order_state set push_status = 9 where dsco_order_id = ?", [UNTOUCHED]);
    await page.getByLabel("Reason").fill("all of them");
    await page.getByRole("button", { name: "Requeue the selected" }).click();
    await page.getByRole("alert").getByText(`${UNTOUCHED} is at 9, in flight`).waitFor();
    expect(await pushed(UNTOUCHED)).toBe(9);
    await world.db.query("update sync_order_state set push_status = 3 where dsco_order_id = ?", [UNTOUCHED]);

    await page.goto(view("view=tasks&type=missing_mapping"));
    await page.getByRole("checkbox").last().check();
    await page.getByLabel("Reason").fill("settled by phone");
    await page.getByRole("button", { name: "Resolve the selected" }).click();
    await page.getByRole("status").getByText("1 task was resolved").waitFor();
    expect(await world.tasks("reason = 'settled by phone'")).toHaveLength(1);

    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByLabel("Admin token").waitFor();
  });
});

/** What has the focus, by what a reader of the screen calls it. */
function focused(page: Page): Promise<string> {
  return page.evaluate<string>("(document.activeElement.placeholder || document.activeElement.innerText || '').trim()");
}

/** Presses Tab until that has the focus; whoever has only a keyboard must get there. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    if ((await focused(page)) === name) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab does not lead to ${name}`);
}

describe("every view", { timeout: PATIENCE_MS }, () => {
  const VIEWS = [
    "",
    "view=orders",
    "view=orders&stage=push&status=3",
    "view=tasks",
    "view=tasks&task_status=2&type=missing_mapping",
    "view=runs",
    `order=${UNTOUCHED}`,
    `order=${BY_MOUSE}`,
    "q=nothing-goes-by-this",
    "view=nonsense",
  ];
  const LOOKS: readonly BrowserContextOptions[] = [
    { locale: "zh-CN", colorScheme: "light", viewport: { width: 360, height: 740 } },
    { locale: "en-GB", colorScheme: "dark", viewport: { width: 1280, height: 900 } },
  ];

  it.each(LOOKS)("can be used by everybody: $locale, $colorScheme", async (look) => {
    const { page: door } = await open(look);
    await expectAccessible(door, "the form to sign in");
    await expectNoSidewaysScroll(door, "the form to sign in");
    const { page, complaints } = await signedIn(look);
    for (const query of VIEWS) {
      await page.goto(view(query));
      await page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })");
      await expectAccessible(page, query);
      await page.setViewportSize({ width: 360, height: 740 });
      await expectNoSidewaysScroll(page, query);
      await page.setViewportSize(look.viewport ?? { width: 360, height: 740 });
    }
    expect(complaints).toEqual([]);
  });

  it("remembers the language that was chosen, over the browser's own", async () => {
    const { page } = await signedIn({ locale: "en-GB" });
    await page.goto(view(`order=${BY_MOUSE}`));
    await page.getByRole("link", { name: "中文" }).click();
    await page.getByRole("heading", { name: `订单 ${BY_MOUSE}` }).waitFor();
    await page.getByRole("link", { name: "总览" }).click();
    await page.getByRole("heading", { name: "订单进度" }).waitFor();
    expect(await page.evaluate("document.documentElement.lang")).toBe("zh-CN");
  });
});

async function expectNoSidewaysScroll(page: Page, what: string): Promise<void> {
  const { inner, content } = await page.evaluate<{ inner: number; content: number }>(
    "({ inner: window.innerWidth, content: document.documentElement.scrollWidth })",
  );
  expect(content, `${what} at ${inner} px`).toBeLessThanOrEqual(inner);
}

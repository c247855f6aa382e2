import { describe, expect, it } from "vitest";
import { FAULT_KINDS, FaultPlan, parseFault } from "../../src/sandbox/faults.ts";
import { SANDBOX_CREDENTIALS } from "../../src/sandbox/options.ts";
import { aSandbox, call, dsco, lingxing, newOrders } from "./vendor-calls.ts";

describe("the rule", () => {
  it.each([
    ["create:reset-after", /three parts/],
    ["create:reset-after:0.5:x", /three parts/],
    ["crate:reset-after:0.5", /call "crate" is not one of: token, .*create/],
    ["create:explode:0.5", /kind "explode" is not one of: reset-before, .*other-shape/],
    ["create:html:2", /rate "2".*probability/],
    ["create:html:-0.1", /rate/],
    ["create:html:#0", /rate/],
    ["create:html:every=0", /rate/],
    ["create:html:1e-2", /rate/],
  ])("%s is refused with what would be allowed", (spec, reason) => {
    expect(() => parseFault(spec)).toThrow(reason);
  });

  it.each(["*:429:every=10", "create:reset-after:0.05", "order_log:503-before:#2", "hello:html:1", "wms:3001008:.5", "scroll:429:1"])(
    "%s is understood",
    (spec) => {
      expect(parseFault(spec).spec).toBe(spec);
    },
  );

  it("keeps the rules in force when a new one makes no sense", () => {
    const plan = new FaultPlan(1, ["ack:html:1"]);
    expect(() => plan.replace(["ack:html:1", "nonsense"])).toThrow(/nonsense/);
    expect(plan.specs).toEqual(["ack:html:1"]);
  });
});

describe("the plan", () => {
  const run = (plan: FaultPlan, calls: number): string =>
    Array.from({ length: calls }, () => (plan.next("create") === undefined ? "." : "x")).join("");

  it("is the same for the same seed and another for another seed", () => {
    const specs = ["create:reset-after:0.3"];
    expect(run(new FaultPlan(7, specs), 200)).toBe(run(new FaultPlan(7, specs), 200));
    expect(run(new FaultPlan(7, specs), 200)).not.toBe(run(new FaultPlan(8, specs), 200));
  });

  it("fires about as often as the rate says, and never or always at the ends", () => {
    const fired = (rate: string): number => run(new FaultPlan(7, [`create:html:${rate}`]), 2000).replaceAll(".", "").length;
    expect(fired("0.05")).toBeGreaterThan(60);
    expect(fired("0.05")).toBeLessThan(140);
    expect(fired("0")).toBe(0);
    expect(fired("1")).toBe(2000);
  });

  it("does not depend on calls of other names in between", () => {
    const alone = new FaultPlan(7, ["*:html:0.3"]);
    const mixed = new FaultPlan(7, ["*:html:0.3"]);
    const lone = run(alone, 50);
    let interleaved = "";
    for (let index = 0; index < 50; index += 1) {
      mixed.next("list");
      interleaved += run(mixed, 1);
      mixed.next("hello");
    }
    expect(interleaved).toBe(lone);
  });

  it.each([
    ["create:html:#3", "..x......"],
    ["create:html:every=3", "..x..x..x"],
  ])("%s gives %s", (spec, expected) => {
    expect(run(new FaultPlan(7, [spec]), 9)).toBe(expected);
  });

  it("lets the first of several rules win, and goes on counting the others", () => {
    const plan = new FaultPlan(7, ["create:html:#1", "create:429:#1", "create:401:#2"]);
    expect([plan.next("create"), plan.next("create"), plan.next("create")]).toEqual(["html", "401", undefined]);
  });
});

/** What a client sees, and whether the order is there afterwards. */
const SEEN: Readonly<Record<(typeof FAULT_KINDS)[number], { sees: string; effect: boolean }>> = {
  "reset-before": { sees: "broken", effect: false },
  "timeout-before": { sees: "silence", effect: false },
  "500-before": { sees: '200 "code":500', effect: false },
  "503-before": { sees: "503", effect: false },
  "429": { sees: "429 Too Many", effect: false },
  "429-seconds": { sees: "429 retry-after: 3", effect: false },
  "429-date": { sees: "429 retry-after: a time from now", effect: false },
  "429-huge": { sees: "429 retry-after: 86400", effect: false },
  "3001008": { sees: '200 "code":"3001008"', effect: false },
  "refuse-signature": { sees: '200 "code":"2001006"', effect: false },
  "signature-expired": { sees: '200 "code":"2001007"', effect: false },
  "401": { sees: '200 "code":"2001003"', effect: false },
  "token-churn": { sees: '200 "code":"2001005"', effect: false },
  "reset-after": { sees: "broken", effect: true },
  "timeout-after": { sees: "silence", effect: true },
  "500-after": { sees: '500 "code":500', effect: true },
  truncated: { sees: "broken", effect: true },
  html: { sees: "200 doctype html", effect: true },
  "other-shape": { sees: '200 "unexpected"', effect: true },
};

/** A date is told by being one, and in the future. */
const wait = (retryAfter: string): string =>
  Date.parse(retryAfter) > Date.now() && /GMT$/.test(retryAfter) ? "a time from now" : retryAfter;

describe("over HTTP", () => {
  it.each(FAULT_KINDS.map((kind) => ({ kind, ...SEEN[kind] })))("$kind: $sees, effect $effect, once", async ({ kind, sees, effect }) => {
    const sandbox = await aSandbox({ faults: [`create:${kind}:#1`] });
    const first = await Promise.race([
      lingxing(sandbox, "create", newOrders("A-1")).then(
        ({ status, retryAfter, text }) => `${status} ${retryAfter === undefined ? "" : `retry-after: ${wait(retryAfter)} `}${text}`,
        () => "broken",
      ),
      new Promise((resolve) => setTimeout(resolve, 150, "silence")),
    ]);
    const [status = "", ...words] = sees.split(" ");
    expect(first).toContain(status);
    expect(first).toContain(words.join(" "));
    expect(sandbox.state().lingxing.orders).toHaveLength(effect ? 1 : 0);
    expect(sandbox.stats().faults).toEqual({ [`create:${kind}`]: 1 });
    const second = await lingxing(sandbox, "create", newOrders("A-2"));
    expect(second.json).toMatchObject({ code: kind === "token-churn" ? "2001005" : 0 });
  });

  it("words the gateway's refusals DSCO's way on a DSCO call", async () => {
    const kinds = ["401", "refuse-signature", "signature-expired", "3001008", "500-before"];
    const sandbox = await aSandbox({ faults: kinds.map((kind, index) => `hello:${kind}:#${index + 1}`) });
    const statuses: number[] = [];
    for (let index = 0; index < 6; index += 1) statuses.push((await dsco(sandbox, "GET", "/hello")).status);
    expect(statuses).toEqual([401, 401, 401, 429, 500, 200]);
  });

  it("token-churn at DSCO withdraws what was given out with a client secret, and not the fixed key", async () => {
    const sandbox = await aSandbox({ faults: ["hello:token-churn:#2"] });
    const { dscoClientId: client_id, dscoClientSecret: client_secret } = SANDBOX_CREDENTIALS;
    const form = new URLSearchParams({ client_id, client_secret, grant_type: "client_credentials" });
    const minted = await call(`${sandbox.dscoUrl}/oauth2/token`, { method: "POST", body: form });
    const headers = { authorization: `bearer ${String(minted.json?.access_token)}` };
    const hello = async (options: object) => (await dsco(sandbox, "GET", "/hello", options)).status;
    expect([await hello({ headers }), await hello({ headers }), await hello({ headers }), await hello({})]).toEqual([200, 401, 401, 200]);
  });

  it("scroll is every further page of a scroll, whatever it is a scroll of, and never the first one", async () => {
    const sandbox = await aSandbox({ orders: 25, faults: ["scroll:503-before:#2"] });
    const times = { ordersUpdatedSince: "2011-01-01T00:00:00Z", until: new Date(Date.now() - 6_000).toISOString() };
    const pages = async (): Promise<number[]> => {
      const first = await dsco(sandbox, "GET", `/order/page?${new URLSearchParams({ ...times, ordersPerPage: "10" })}`);
      const next = await dsco(sandbox, "GET", `/order/page?${new URLSearchParams({ scrollId: String(first.json?.scrollId) })}`);
      return [first.status, next.status];
    };
    expect([await pages(), await pages(), await pages()]).toEqual([
      [200, 200],
      [200, 503],
      [200, 200],
    ]);
  });
});

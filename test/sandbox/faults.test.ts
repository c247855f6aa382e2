import { describe, expect, it } from "vitest";
import { FAULT_KINDS, FaultPlan, parseFault } from "../../src/sandbox/faults.ts";
import { aSandbox, dsco, lingxing, newOrders } from "./vendor-calls.ts";

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

  it.each(["*:429:every=10", "create:reset-after:0.05", "order_log:503-before:#2", "hello:html:1", "wms:3001008:.5"])(
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
  "429": { sees: "429", effect: false },
  "3001008": { sees: '200 "code":"3001008"', effect: false },
  "refuse-signature": { sees: '200 "code":"2001006"', effect: false },
  "401": { sees: '200 "code":"2001003"', effect: false },
  "reset-after": { sees: "broken", effect: true },
  "timeout-after": { sees: "silence", effect: true },
  "500-after": { sees: '500 "code":500', effect: true },
  truncated: { sees: "broken", effect: true },
  html: { sees: "200 doctype html", effect: true },
  "other-shape": { sees: '200 "unexpected"', effect: true },
};

describe("over HTTP", () => {
  it.each(FAULT_KINDS.map((kind) => ({ kind, ...SEEN[kind] })))("$kind: $sees, effect $effect, once", async ({ kind, sees, effect }) => {
    const sandbox = await aSandbox({ faults: [`create:${kind}:#1`] });
    const first = await Promise.race([
      lingxing(sandbox, "create", newOrders("A-1")).then(
        ({ status, text }) => `${status} ${text}`,
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
    expect(second.json).toMatchObject({ code: 0 });
  });

  it("words the gateway's refusals DSCO's way on a DSCO call", async () => {
    const sandbox = await aSandbox({ faults: ["hello:401:#1", "hello:refuse-signature:#2", "hello:3001008:#3", "hello:500-before:#4"] });
    const statuses: number[] = [];
    for (let index = 0; index < 5; index += 1) statuses.push((await dsco(sandbox, "GET", "/hello")).status);
    expect(statuses).toEqual([401, 401, 429, 500, 200]);
  });
});

import { describe, expect, it } from "vitest";
import { decidePull } from "../../src/sync/pull.ts";
import { aKnownOrder, aPulledOrder } from "../helpers/builders.ts";

const rules = { includeTestOrders: false };
const EARLIER = new Date("2026-01-05T08:00:04.999Z");
const SAME = new Date("2026-01-05T08:00:05Z");
const LATER = new Date("2026-01-05T08:00:05.001Z");

describe("decidePull of an order it has never seen", () => {
  it.each([
    { name: "open", order: { status: "created" }, expected: { do: "add" } },
    { name: "acknowledged by itself", order: { status: "shipment_pending" }, expected: { do: "add" } },
    { name: "of a status nobody knows yet", order: { status: "on_hold" }, expected: { do: "add" } },
    { name: "without a status", order: { status: "" }, expected: { do: "add" } },
    { name: "shipped", order: { status: "shipped" }, expected: { do: "skip", reason: "not_open" } },
    { name: "cancelled", order: { status: "cancelled" }, expected: { do: "skip", reason: "not_open" } },
    { name: "completed", order: { status: "completed" }, expected: { do: "skip", reason: "not_open" } },
    { name: "a test order", order: { testFlag: true }, expected: { do: "skip", reason: "test_order" } },
    { name: "asked to cancel", order: { cancelRequested: true }, expected: { do: "add" } },
    { name: "without a date", order: { lastUpdate: undefined }, expected: { do: "add" } },
  ])("$name", ({ order, expected }) => {
    expect(decidePull(aPulledOrder(order), undefined, rules)).toEqual(expected);
  });

  it("takes test orders where the setting says so, but not closed ones", () => {
    const all = { includeTestOrders: true };
    expect(decidePull(aPulledOrder({ testFlag: true }), undefined, all)).toEqual({ do: "add" });
    expect(decidePull(aPulledOrder({ testFlag: true, status: "shipped" }), undefined, all)).toMatchObject({ do: "skip" });
  });
});

describe("decidePull of a known order", () => {
  const order = aPulledOrder();
  const update = { do: "update", changedAfterPush: [], wasPushed: false, retry: [], cancelRequestWithdrawn: false };

  it.each([
    { name: "unchanged", order: {}, known: { hash: order.hash }, expected: { do: "skip", reason: "unchanged" } },
    {
      name: "unchanged though newer dated",
      order: { lastUpdate: LATER },
      known: { hash: order.hash },
      expected: { do: "skip", reason: "unchanged" },
    },
    { name: "changed, older", order: { lastUpdate: EARLIER }, known: { lastUpdate: SAME }, expected: { do: "skip", reason: "older" } },
    { name: "changed within the same millisecond", order: { lastUpdate: SAME }, known: { lastUpdate: SAME }, expected: update },
    { name: "changed, newer", order: { lastUpdate: LATER }, known: { lastUpdate: SAME }, expected: update },
    { name: "changed, undated now", order: { lastUpdate: undefined }, known: {}, expected: update },
    { name: "changed, undated before", order: {}, known: { lastUpdate: undefined }, expected: update },
    { name: "its raw text was purged", order: {}, known: { hash: undefined, lastUpdate: undefined }, expected: update },
    { name: "closed now", order: { status: "cancelled" }, known: {}, expected: update },
    { name: "a test order now", order: { testFlag: true }, known: {}, expected: update },
    {
      name: "waiting for the retailer's correction",
      order: {},
      known: { badPayload: ["push"] as const },
      expected: { ...update, retry: ["push"] },
    },
    { name: "asks to cancel", order: { cancelRequested: true }, known: {}, expected: update },
    { name: "still asks to cancel", order: { cancelRequested: true }, known: { cancelRequested: true }, expected: update },
    {
      name: "asks no longer to cancel",
      order: {},
      known: { cancelRequested: true },
      expected: { ...update, cancelRequestWithdrawn: true },
    },
    { name: "pushed, other fields changed", order: {}, known: { pushed: order.fingerprint }, expected: { ...update, wasPushed: true } },
    {
      name: "pushed, mapped fields changed",
      order: { fingerprint: "city=2;lines=2" },
      known: { pushed: "city=1;lines=1" },
      expected: { ...update, wasPushed: true, changedAfterPush: ["city", "lines"] },
    },
    { name: "not pushed, mapped fields changed", order: { fingerprint: "city=2;lines=1" }, known: {}, expected: update },
  ])("$name", ({ order: overrides, known, expected }) => {
    expect(decidePull({ ...order, ...overrides }, aKnownOrder(known), rules)).toEqual(expected);
  });
});

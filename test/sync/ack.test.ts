import { describe, expect, it } from "vitest";
import type { LingxingOrder } from "../../src/lingxing/orders.ts";
import { decideAck, isAcknowledged } from "../../src/sync/ack.ts";
import { aDscoLine, aDscoOrder, aLingxingOrder } from "../helpers/builders.ts";

const NOW = new Date("2026-01-06T08:00:00Z");
const hoursAgo = (hours: number) => new Date(NOW.getTime() - hours * 3600_000);
const facts = { pushedAt: hoursAgo(30), now: NOW };

/** Orders of one number, at these statuses. */
function at(...statuses: number[]): LingxingOrder[] {
  return statuses.map((status, index) => aLingxingOrder({ globalOrderNo: `10333670897380147${index}`, status }));
}
const deleted = aLingxingOrder({ globalOrderNo: "103336708973801499", status: 4, deleted: true });
const task = (type: string) => ({ do: "outcome", outcome: { to: "manual", type } });

describe("an order that Lingxing has", () => {
  it.each([
    { name: "is acknowledged once it awaits shipment", found: at(5), expected: { do: "send" } },
    { name: "is acknowledged when it went on to shipped between two passes", found: at(6), expected: { do: "send" } },
    { name: "is acknowledged when the platform shipped it", found: at(9), expected: { do: "send" } },
    ...[1, 2, 3, 4].map((status) => ({ name: `waits at ${status}`, found: at(status), expected: { do: "wait" } })),
    { name: "waits at a status nobody knows", found: at(12), expected: { do: "wait" } },
    { name: "is acknowledged when all parts of a split one are ready", found: at(5, 6, 9), expected: { do: "send" } },
    { name: "waits while half of a split one is reviewed", found: at(5, 4), expected: { do: "wait" } },
    { name: "ignores a hidden one beside a live one", found: at(8, 5), expected: { do: "send" } },
    { name: "waits while the live one beside a hidden one does", found: at(8, 4), expected: { do: "wait" } },
    { name: "waits when it is hidden and alone", found: at(8), expected: { do: "wait" } },
    { name: "ignores the deleted originals of a merge", found: [deleted, ...at(5)], expected: { do: "send" } },
    { name: "goes to a person when it is cancelled", found: at(7), expected: task("lingxing_cancelled") },
    { name: "goes to a person when all parts are cancelled", found: at(7, 7), expected: task("lingxing_cancelled") },
    { name: "goes to a person when it is deleted", found: [deleted], expected: task("lingxing_cancelled") },
    {
      name: "goes to a person when it is partly cancelled, partly deleted",
      found: [deleted, ...at(7)],
      expected: task("lingxing_cancelled"),
    },
    { name: "goes to a person when a part is cancelled", found: at(7, 5), expected: task("lingxing_cancelled") },
    { name: "goes to a person when a part is cancelled, before the rest is ready", found: at(7, 4), expected: task("lingxing_cancelled") },
    { name: "ignores a deleted part that was cancelled before", found: [{ ...deleted, status: 7 }, ...at(5)], expected: { do: "send" } },
  ])("$name", ({ found, expected }) => {
    expect(decideAck(found, aDscoOrder(), facts)).toMatchObject(expected);
  });

  it.each([
    { name: "quantity cancelled", line: { quantity: 2, cancelledQuantity: 1 } },
    { name: "quantity rejected", line: { quantity: 2, rejectedQuantity: 1 } },
    { name: "line cancelled", line: { status: "cancelled" } },
    { name: "line rejected", line: { status: "rejected" } },
  ])("is acknowledged beside a cancelled part when DSCO has a $name too", ({ line }) => {
    const order = aDscoOrder({ lineItems: [aDscoLine(), aDscoLine({ lineNumber: 2, sku: "MUG-RED", ...line })] });
    expect(decideAck(at(7, 5), order, facts)).toEqual({ do: "send" });
    expect(decideAck(at(7, 4), order, facts)).toMatchObject({ do: "wait" });
  });

  it("says what it waits for", () => {
    expect(decideAck(at(5, 4), aDscoOrder(), facts)).toEqual({
      do: "wait",
      reason: "Lingxing 103336708973801471 is awaiting review (4)",
    });
  });
});

describe("an order that Lingxing does not have", () => {
  it.each([
    { name: "waits within a day of the push", pushedAt: hoursAgo(23.99), expected: { do: "wait" } },
    { name: "goes to a person a day after it", pushedAt: hoursAgo(24), expected: task("lingxing_missing") },
    { name: "goes to a person when ipass never pushed it", pushedAt: undefined, expected: task("lingxing_missing") },
  ])("$name", ({ pushedAt, expected }) => {
    expect(decideAck([], aDscoOrder(), { pushedAt, now: NOW })).toMatchObject(expected);
  });
});

describe("an order that DSCO has acknowledged", () => {
  const adopted = { do: "outcome", outcome: { to: "done", how: "adopted" } };
  it.each([
    { dscoStatus: "shipment_pending", dscoLifecycle: undefined, yes: true },
    { dscoStatus: "shipped", dscoLifecycle: undefined, yes: true },
    { dscoStatus: "created", dscoLifecycle: "acknowledged", yes: true },
    { dscoStatus: undefined, dscoLifecycle: "completed", yes: true },
    { dscoStatus: "created", dscoLifecycle: "created", yes: false },
    { dscoStatus: "created", dscoLifecycle: "received", yes: false },
    { dscoStatus: undefined, dscoLifecycle: undefined, yes: false },
    { dscoStatus: "cancelled", dscoLifecycle: "completed", yes: false },
  ])("is told by $dscoStatus and $dscoLifecycle: $yes", ({ yes, ...words }) => {
    expect(isAcknowledged(aDscoOrder(words))).toBe(yes);
  });

  it.each([
    { name: "is ready", found: at(5) },
    { name: "is not ready", found: at(4) },
    { name: "is not there", found: [] },
  ])("is adopted whether or not it is in Lingxing: $name", ({ found }) => {
    expect(decideAck(found, aDscoOrder({ dscoStatus: "shipment_pending" }), facts)).toEqual(adopted);
  });
});

import { expect, it } from "vitest";
import { WatermarkStore } from "../../src/store/watermark-store.ts";
import { useStoreDatabase } from "./store-database.ts";

const database = await useStoreDatabase();
const watermarks = new WatermarkStore(database.db);
const JOB = "pull_dsco_orders";
const at = (since: string) => JSON.stringify({ mode: "updatedSince", since });
const [ONE, TWO, BY_HAND] = [at("2026-01-01T00:00:00Z"), at("2026-01-02T00:00:00Z"), at("2025-06-01T00:00:00Z")] as const;

it("is unset at first, then what was set, to the letter", async () => {
  expect(await watermarks.find(JOB)).toBeUndefined();
  const text = '{ "since" : 9007199254740993, "mode":"update_time" }';
  await watermarks.set("ack_to_dsco", text);
  expect(await watermarks.find("ack_to_dsco")).toBe(text);
  expect(await watermarks.find(JOB)).toBeUndefined();
});

it("moves from what the run has read", async () => {
  await watermarks.set(JOB, ONE);
  expect(await watermarks.move(JOB, ONE, TWO)).toBe(true);
  expect(await watermarks.find(JOB)).toBe(TWO);
});

it("moves from unset", async () => {
  expect(await watermarks.move(JOB, undefined, ONE)).toBe(true);
  expect(await watermarks.find(JOB)).toBe(ONE);
});

it("moves to where it is", async () => {
  await watermarks.set(JOB, ONE);
  expect(await watermarks.move(JOB, ONE, ONE)).toBe(true);
});

it.each([
  { name: "it had read one", from: ONE },
  { name: "it was unset when the run began", from: undefined },
])("an operator's set wins over a run in progress: $name", async ({ from }) => {
  if (from !== undefined) await watermarks.set(JOB, from);
  await watermarks.set(JOB, BY_HAND);
  expect(await watermarks.move(JOB, from, TWO)).toBe(false);
  expect(await watermarks.find(JOB)).toBe(BY_HAND);
});

it("does not come back when somebody deleted it meanwhile", async () => {
  expect(await watermarks.move(JOB, ONE, TWO)).toBe(false);
  expect(await watermarks.find(JOB)).toBeUndefined();
});

it("tells texts apart that differ only by case", async () => {
  await watermarks.set(JOB, "a");
  expect(await watermarks.move(JOB, "A", TWO)).toBe(false);
});

it("lets one of two runs move it", async () => {
  await watermarks.set(JOB, ONE);
  const other = new WatermarkStore(database.anotherPool());
  const moved = await Promise.all([watermarks.move(JOB, ONE, TWO), other.move(JOB, ONE, BY_HAND)]);
  expect(moved.filter(Boolean)).toHaveLength(1);
});

it("lists all, by job", async () => {
  await watermarks.set("ship_to_dsco", '{"mode":"update_time","since":1}');
  await watermarks.set(JOB, ONE);
  expect(await watermarks.list()).toEqual([
    { job: JOB, watermark: ONE, updatedAt: expect.any(Date) },
    { job: "ship_to_dsco", watermark: '{"mode":"update_time","since":1}', updatedAt: expect.any(Date) },
  ]);
});

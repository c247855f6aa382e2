import { expect, it } from "vitest";
import { PUSH, useWorld } from "./world.ts";

const world = await useWorld();

it("a list that shows new orders only after 20 s makes nobody send a lost create again, neither before nor after", {
  timeout: 60_000,
}, async () => {
  const clock = { aheadMs: 0 };
  await world.open(
    {
      orders: 300,
      limits: false,
      readLagMs: 20_000,
      faults: ["create:reset-after:every=5"],
      now: () => new Date(Date.now() + clock.aheadMs),
    },
    { IPASS_JOB_PUSH_ORDERS_TO_LINGXING_BATCH_SIZE: "10" },
  );
  await world.pulled();
  const first = await world.pass(PUSH);
  expect(first.report).toMatchObject({ exit: { code: 0 }, counts: { read: 300, done: 240, waiting: 60 } });

  const early = await world.pass(PUSH);
  expect(early.report).toMatchObject({ exit: { code: 0 }, counts: { read: 60, waiting: 60 } });
  expect(await world.pushStatuses()).toEqual({ 1: 240, 9: 60 });
  expect(world.repeated()).toEqual({ inLingxing: [], createdAgain: [] });

  clock.aheadMs = 21_000;
  const late = await world.pass(PUSH);
  expect(late.report).toMatchObject({ exit: { code: 0 }, counts: { read: 60, done: 60 } });
  expect(world.repeated()).toEqual({ inLingxing: [], createdAgain: [] });
  expect(await world.pushStatuses()).toEqual({ 1: 300 });
  expect(world.vendors.state().lingxing.orders).toHaveLength(300);
});

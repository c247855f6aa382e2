import { expect, it } from "vitest";
import { PULL, PUSH, useWorld } from "./world.ts";

const world = await useWorld();

it("S1 poison alone", { timeout: 60_000 }, async () => {
  await world.open({ orders: 20, limits: false });
  await world.pulled();
  const poison = (await world.orders())[3]?.dsco_order_id ?? "";
  world.vendors.changeSettings({ poison: [poison] });
  for (let i = 0; i < 10; i++) {
    const p = await world.pass(PUSH);
    console.log(i, p.code, JSON.stringify(p.report.counts), JSON.stringify(await world.pushStatuses()), (await world.order(poison)).push_doubts);
    await world.age();
  }
});
it("S2 max age 0", { timeout: 60_000 }, async () => {
  await world.open({ orders: 20, limits: false }, { IPASS_ORDER_MAX_AGE_SEC: "0" });
  await world.pulled();
  world.vendors.resetStats();
  const p = await world.pass(PUSH, ["--max-duration", "5"]);
  console.log(p.code, JSON.stringify(p.report), JSON.stringify(world.vendors.stats().requests));
});
it("S3 deadline", { timeout: 60_000 }, async () => {
  await world.open({ orders: 5000, limits: false, latencyMs: 450 });
  for (let i = 0; i < 8; i++) {
    const p = await world.pass(PULL, ["--max-duration", "1"]);
    console.log(i, p.code, JSON.stringify(p.report), await world.watermark(), JSON.stringify((await world.db.query("select slice_sec from job_run order by id desc limit 1"))));
  }
});

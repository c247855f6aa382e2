import { readdirSync } from "node:fs";
import { expect, it } from "vitest";
import { adminDay, putUnderLoad } from "../../scripts/bench/load.mjs";
import { JOB_NAMES } from "../../src/sync/job-name.ts";
import { until, useWorld } from "../jobs/world.ts";
import { BEARER, type Served, serve } from "./served.ts";

const world = await useWorld();
const PER_SECOND = 60;
const SECONDS = 3;
/** What one admin's pool may hold; each pass has a pool and a lock of its own, which end with it. */
const POOL = 5;

async function databaseConnections(): Promise<number> {
  const [row] = await world.db.query<{ open: string }>("select count(*) as open from information_schema.processlist where db = ?", [
    world.db.name,
  ]);
  return Number(row?.open);
}

const openFiles = (admin: Served) => readdirSync(`/proc/${admin.pid}/fd`).length;

it("requests of every kind, with passes and callers that hang up, leave nothing behind", async () => {
  await world.open({ orders: 60, broken: 12, limits: false });
  expect((await world.start(["migrate"]).done).code).toBe(0);
  await world.pulled();
  const ids = (await world.orders()).map(({ dsco_order_id }) => dsco_order_id);
  const ours = await databaseConnections();
  const admin = await serve(world);
  const round = async () => {
    const load = await putUnderLoad({
      url: admin.url,
      headers: BEARER,
      perSecond: PER_SECOND,
      seconds: SECONDS,
      shares: adminDay({ ids, jobs: JOB_NAMES, runEvery: 13 }),
    });
    await until("all passes have ended", async () => (await world.db.query("select id from job_run where ended_at is null")).length === 0);
    await until("their connections are closed", async () => (await databaseConnections()) <= ours + POOL);
    return load;
  };

  await round();
  const files = openFiles(admin);
  const load = await round();
  expect(load).toMatchObject({ asked: PER_SECOND * SECONDS, broken: [], serverErrors: [] });
  const { 200: fine = 0, 400: bad = 0, 401: unknown = 0, 404: missing = 0 } = load.statuses;
  for (const count of [fine, bad, unknown, missing]) expect(count, JSON.stringify(load.statuses)).toBeGreaterThan(0);
  await until(`no more open files than the ${files} of the first round`, () => openFiles(admin) <= files + POOL);
  // A warning of Node's about listeners that pile up would be on stderr.
  await admin.stop();
  expect(world.logs().filter(({ msg }) => msg === "internal_error")).toEqual([]);
}, 120_000);

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decideSchedules } from "../../src/sync/cron-schedule.ts";
import { JOB_NAMES, type JobName } from "../../src/sync/job-name.ts";

const all = (sec: number) => Object.fromEntries(JOB_NAMES.map((job) => [job, sec])) as Record<JobName, number>;
const MINUTES_A_DAY = 1440;

/** The minutes of a day at which cron starts a line, by the rules of crontab(5) that the schedules use. */
function startsOf(fields: string): number[] {
  const [minute = "", hour = "", ...rest] = fields.split(" ");
  expect(rest).toEqual(["*", "*", "*"]);
  const values = (field: string, size: number): number[] => {
    if (/^\d+$/.test(field)) return [Number(field)];
    const [, from = "0", step = "1"] = /^(?:\*|(\d+)-59)(?:\/(\d+))?$/.exec(field) ?? [undefined, "not", "a field"];
    return Array.from({ length: size }, (_, value) => value).filter(
      (value) => value >= Number(from) && (value - Number(from)) % Number(step) === 0,
    );
  };
  return values(hour, 24).flatMap((h) => values(minute, 60).map((m) => 60 * h + m));
}

describe("one job's line", () => {
  it.each([
    { sec: 60, fields: "*/1 * * * *", every: 60 },
    { sec: 300, fields: "*/5 * * * *", every: 300 },
    { sec: 1800, fields: "*/30 * * * *", every: 1800 },
    { sec: 3600, fields: "0 * * * *", every: 3600 },
    { sec: 7200, fields: "0 */2 * * *", every: 7200 },
    { sec: 86_400, fields: "0 0 * * *", every: 86_400 },
    { sec: 20, fields: "*/1 * * * *", every: 60 },
    { sec: 90, fields: "*/1 * * * *", every: 60, or: 120 },
    { sec: 420, fields: "*/6 * * * *", every: 360, or: 600 },
    { sec: 5400, fields: "0 * * * *", every: 3600, or: 7200 },
    { sec: 50_000, fields: "0 */12 * * *", every: 43_200, or: 86_400 },
    { sec: 172_800, fields: "0 0 * * *", every: 86_400 },
  ])("every $sec s is $fields", ({ sec, fields, every, or }) => {
    expect(decideSchedules(all(sec)).pull_dsco_orders).toEqual({ fields, everySec: every, sleepSec: 0, orEverySec: or });
  });
});

describe("the jobs that read Lingxing one request at a time", () => {
  it.each([
    { ship: 60, stock: 300, shipLine: "*/1 * * * *", stockLine: "*/5 * * * *", sleeps: [0, 30] },
    { ship: 300, stock: 300, shipLine: "*/5 * * * *", stockLine: "2-59/5 * * * *", sleeps: [0, 0] },
    { ship: 300, stock: 900, shipLine: "*/5 * * * *", stockLine: "2-59/15 * * * *", sleeps: [0, 0] },
    { ship: 900, stock: 60, shipLine: "*/15 * * * *", stockLine: "*/1 * * * *", sleeps: [30, 0] },
    { ship: 3600, stock: 7200, shipLine: "0 * * * *", stockLine: "30 */2 * * *", sleeps: [0, 0] },
  ])("ship every $ship s and stock every $stock s", ({ ship, stock, shipLine, stockLine, sleeps }) => {
    const { ship_to_dsco, sync_stock } = decideSchedules({ ...all(60), ship_to_dsco: ship, sync_stock: stock });
    expect([ship_to_dsco.fields, sync_stock.fields]).toEqual([shipLine, stockLine]);
    expect([ship_to_dsco.sleepSec, sync_stock.sleepSec]).toEqual(sleeps);
  });

  it("never start together, whatever the intervals, and each line keeps its own evenly all day", () => {
    const interval = fc.integer({ min: 1, max: 200_000 });
    fc.assert(
      fc.property(interval, interval, (ship, stock) => {
        const { ship_to_dsco, sync_stock } = decideSchedules({ ...all(60), ship_to_dsco: ship, sync_stock: stock });
        for (const { fields, everySec } of [ship_to_dsco, sync_stock]) {
          const starts = startsOf(fields);
          const gaps = starts.map((start, at) => ((starts[at + 1] ?? (starts[0] ?? 0) + MINUTES_A_DAY) - start) * 60);
          expect(new Set(gaps)).toEqual(new Set([everySec]));
        }
        const shipStarts = new Set(startsOf(ship_to_dsco.fields).map((minute) => minute * 60 + ship_to_dsco.sleepSec));
        expect(startsOf(sync_stock.fields).filter((minute) => shipStarts.has(minute * 60 + sync_stock.sleepSec))).toEqual([]);
      }),
    );
  });
});

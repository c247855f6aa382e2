import { describe, expect, it } from "vitest";
import type { ExitName } from "../../src/exit-codes.ts";
import { exit } from "../../src/exit-codes.ts";
import { MetricsQuery } from "../../src/store/metrics-query.ts";
import { RunStore, type VendorCalls } from "../../src/store/run-store.ts";
import type { JobName } from "../../src/sync/job-name.ts";
import { useStoreDatabase } from "./store-database.ts";

const { db } = await useStoreDatabase();
const runs = new RunStore(db);
const PULL = "pull_dsco_orders";
const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);
const NO_CALLS: VendorCalls = { dsco: { calls: 0, throttled: 0 }, lingxing: { calls: 0, throttled: 0 } };

interface Ran {
  readonly job?: JobName;
  readonly exit?: ExitName;
  readonly began?: number;
  readonly ended?: number;
  readonly dryRun?: boolean;
  readonly calls?: VendorCalls;
}

async function ran({ job = PULL, exit: name = "ok", began = 5, ended = 4, dryRun = false, calls = NO_CALLS }: Ran): Promise<void> {
  const id = await runs.open({ job, traceId: "t", host: "h", pid: 1, dryRun, startedAt: minutesAgo(began) });
  const counts = { read: 0, done: 0, waiting: 0, failed: 0, manual: 0, skipped: 0 };
  const end = { exit: exit(name), counts, endedAt: minutesAgo(ended), error: undefined, watermark: undefined, sliceSec: undefined, calls };
  await runs.close(id, end);
}

describe("what Prometheus is told of the runs", () => {
  it("counts those that ended within the hour, however long ago they began", async () => {
    await ran({});
    await ran({});
    await ran({ exit: "partial", began: 300, ended: 59 });
    await ran({ began: 62, ended: 61 });
    await ran({ job: "ack_to_dsco", exit: "vendor" });
    await runs.open({ job: PULL, traceId: "t", host: "h", pid: 1, dryRun: false, startedAt: minutesAgo(1) });
    const { recent } = await new MetricsQuery(db).read();
    const seen = recent.map(({ job, exitCode, exitName, runs: count }) => [job, exitCode, exitName, count]).sort();
    expect(seen).toEqual([
      ["ack_to_dsco", 14, "vendor", 1],
      [PULL, 0, "ok", 2],
      [PULL, 3, "partial", 1],
    ]);
  });

  it("adds up their calls, and keeps dry runs apart", async () => {
    const calls = { dsco: { calls: 10, throttled: 2 }, lingxing: { calls: 1, throttled: 0 } };
    await ran({ calls });
    await ran({ calls });
    await ran({ calls, dryRun: true });
    const { recent } = await new MetricsQuery(db).read();
    expect(recent).toEqual([
      {
        job: PULL,
        dryRun: false,
        exitCode: 0,
        exitName: "ok",
        runs: 2,
        calls: { dsco: { calls: 20, throttled: 4 }, lingxing: { calls: 2, throttled: 0 } },
      },
      { job: PULL, dryRun: true, exitCode: 0, exitName: "ok", runs: 1, calls },
    ]);
  });

  it("knows one that was killed, which has no code", async () => {
    await runs.open({ job: PULL, traceId: "t", host: "h", pid: 1, dryRun: false, startedAt: minutesAgo(3) });
    await runs.closeDead(PULL, minutesAgo(2));
    expect((await new MetricsQuery(db).read()).recent).toMatchObject([{ exitCode: null, exitName: "died", runs: 1 }]);
  });

  it("leaves out what is no pass", async () => {
    await runs.recordWatermarkSet({ job: PULL, traceId: "t", host: "h", pid: 1, dryRun: false, startedAt: minutesAgo(1) }, undefined, "{}");
    const { recent, lastDurationsMs } = await new MetricsQuery(db).read();
    expect({ recent, durations: [...lastDurationsMs] }).toEqual({ recent: [], durations: [] });
  });

  it("takes the time of the last pass that has ended and was meant", async () => {
    await ran({ began: 100, ended: 99 });
    await ran({ began: 12, ended: 10, exit: "vendor" });
    await ran({ began: 9, ended: 5, dryRun: true });
    await runs.open({ job: PULL, traceId: "t", host: "h", pid: 1, dryRun: false, startedAt: minutesAgo(1) });
    const { lastDurationsMs } = await new MetricsQuery(db).read();
    expect(Math.round((lastDurationsMs.get(PULL) ?? 0) / 1000)).toBe(120);
  });
});

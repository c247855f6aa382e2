import { isLoopback } from "../../config/reading.ts";
import { ConfigError } from "../../errors.ts";
import { overstayedOrders, overstayedStock } from "../../store/in-flight-query.ts";
import { RunQuery } from "../../store/run-query.ts";
import { WatermarkStore } from "../../store/watermark-store.ts";
import { STAGE_JOB } from "../../sync/explained-state.ts";
import { JOB_NAMES, type JobName } from "../../sync/job-name.ts";
import { STAGES } from "../../sync/stage.ts";
import type { Check, Context } from "../check.ts";
import { type Finding, notChecked } from "../finding.ts";
import { judgeInFlight, judgeJob, judgePullWatermark, judgeWatermark } from "../judge/jobs.ts";

/** Passes that may be missed before a row that waits for its outcome is worth a word. */
const PASSES = 3;
/** So long after it was sent, stock without an outcome is sent again. */
const STOCK_GRACE_SEC = 600;

const watermarks: Check = {
  id: "watermark",
  broken: "warn",
  async run(context) {
    const { db } = await context.database();
    const now = await context.now();
    const kept = new Map((await new WatermarkStore(db).list()).map(({ job, watermark }) => [job, watermark]));
    const standIn = isLoopback(new URL(context.readable("dsco")?.baseUrl ?? "https://api.dsco.io").hostname);
    const pull = judgePullWatermark(
      { enabled: context.enabled.has("pull_dsco_orders"), watermark: kept.get("pull_dsco_orders"), standIn },
      now,
    );
    const others = (["ack_to_dsco", "ship_to_dsco"] as const).flatMap((job) => {
      const watermark = kept.get(job);
      return watermark === undefined ? [] : [judgeWatermark(job, watermark, now)]; // unset means the last 30 days, which is fine
    });
    return [pull, ...others];
  },
};

const jobs: Check = {
  id: "job",
  broken: "warn",
  async run(context) {
    const { db } = await context.database();
    const now = await context.now();
    const runs = new RunQuery(db);
    const lastRuns = await runs.lastOfEach(JOB_NAMES);
    const successes = await runs.lastSuccesses(JOB_NAMES);
    return JOB_NAMES.map((job) => {
      const settings = settingsOf(context, job);
      if (settings === undefined) return notChecked(`job.${job}`, "its settings cannot be used", "first put right what is said of config");
      const facts = { ...settings, job, lastRun: lastRuns.get(job), lastSuccessAt: successes.get(job), anyRan: lastRuns.size > 0 };
      return judgeJob(facts, now);
    });
  },
};

const inFlight: Check = {
  id: "in_flight",
  broken: "warn",
  async run(context) {
    const { db } = await context.database();
    const now = await context.now();
    const graceSec = context.app.config(["rules"]).rules.inDoubtGraceSec;
    const findings: Finding[] = [];
    const before = (grace: number, job: JobName) =>
      new Date(now.getTime() - (grace + PASSES * (settingsOf(context, job)?.intervalSec ?? 60)) * 1000);
    for (const stage of STAGES) {
      const job = STAGE_JOB[stage];
      findings.push(judgeInFlight(stage, job, await overstayedOrders(db, stage, before(graceSec, job)), now));
    }
    findings.push(judgeInFlight("stock", "sync_stock", await overstayedStock(db, before(STOCK_GRACE_SEC, "sync_stock")), now));
    return findings;
  },
};

/** Undefined when they cannot be read. */
function settingsOf({ app }: Context, job: JobName): { enabled: boolean; intervalSec: number } | undefined {
  try {
    return app.jobConfig(job, []).job;
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

export const WORK_CHECKS: readonly Check[] = [watermarks, jobs, inFlight];

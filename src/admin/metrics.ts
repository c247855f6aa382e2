import { Gauge, Registry } from "prom-client";
import { MetricsQuery, type MetricsRecord, WINDOW_MIN } from "../store/metrics-query.ts";
import { type JobSettings, toStatus } from "../store/status.ts";
import { JOB_NAMES } from "../sync/job-name.ts";
import { STAGES, TASK_TYPES } from "../sync/stage.ts";
import { textAnswer } from "./answers.ts";
import type { Admin, AdminRequest } from "./request.ts";

/** `GET /metrics`. */
export async function getMetrics(_: AdminRequest, { db, config }: Admin): Promise<Response> {
  const { text, contentType } = await toMetrics(await new MetricsQuery(db).read(), config.jobs);
  return textAnswer(200, text, contentType);
}

const STATUSES = ["waiting", "failed", "manual", "in_flight"] as const;
const VENDORS = ["dsco", "lingxing"] as const;

/**
 * The record in Prometheus' text format. All of it are gauges: what happens in the processes of cron is counted over a window of the
 * records, which slides; a counter that only ever grows nobody keeps.
 */
export async function toMetrics(record: MetricsRecord, jobs: JobSettings): Promise<{ text: string; contentType: string }> {
  const registry = new Registry(); // a fresh one: two scrapes at once must not write into each other's numbers
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Gauge({ name: `ipass_${name}`, help, labelNames, registers: [registry] });
  const status = toStatus(record.status, jobs);

  const orders = gauge("orders", "Orders that stand at this stage, by the stage's status", ["stage", "status"]);
  const due = gauge("orders_due", "Orders at this stage, waiting or failed, whose time has come", ["stage"]);
  const oldest = gauge("oldest_due_age_seconds", "How long the oldest due order of this stage has been due; 0 when none is", ["stage"]);
  for (const stage of STAGES) {
    const backlog = status.stages[stage];
    for (const name of STATUSES) orders.set({ stage, status: name }, backlog[name]);
    due.set({ stage }, backlog.due);
    oldest.set({ stage }, backlog.oldest_due_sec ?? 0);
  }

  const success = gauge("job_last_success_timestamp_seconds", "When a pass of this job last ended with exit 0, 3 or 15; absent: never", [
    "job",
  ]);
  const duration = gauge("job_last_duration_seconds", "How long the last finished pass of this job took; absent: there was none", ["job"]);
  const lag = gauge("watermark_lag_seconds", "How far this job's watermark lies behind the database's clock; absent: it has none", ["job"]);
  for (const job of JOB_NAMES) {
    const { last_success_at: at, watermark_lag_sec: behind } = status.jobs[job];
    const took = record.lastDurationsMs.get(job);
    if (at !== null) success.set({ job }, at.getTime() / 1000);
    if (took !== undefined) duration.set({ job }, took / 1000);
    if (behind !== null) lag.set({ job }, behind);
  }

  const within = `within the last ${WINDOW_MIN} minutes, on any host`;
  const runs = gauge("runs_last_hour", `Passes that ended ${within}, by exit code (none for one that was killed); dry runs left out`, [
    "job",
    "exit_code",
    "exit",
  ]);
  const calls = gauge(
    "vendor_calls_last_hour",
    `Requests to the vendor by passes that ended ${within}, failed tries and dry runs included`,
    ["vendor", "job"],
  );
  const throttled = gauge(
    "vendor_throttles_last_hour",
    `Of ipass_vendor_calls_last_hour, those the vendor answered with: too fast (429, 3001008)`,
    ["vendor", "job"],
  );
  for (const job of JOB_NAMES) {
    runs.set({ job, exit_code: "0", exit: "ok" }, 0);
    for (const vendor of VENDORS) for (const metric of [calls, throttled]) metric.set({ vendor, job }, 0);
  }
  for (const { job, dryRun, exitCode, exitName, runs: count, calls: made } of record.recent) {
    if (!dryRun) runs.inc({ job, exit_code: exitCode ?? "none", exit: exitName }, count);
    for (const vendor of VENDORS) {
      calls.inc({ vendor, job }, made[vendor].calls);
      throttled.inc({ vendor, job }, made[vendor].throttled);
    }
  }

  const tasks = gauge("open_tasks", "Tasks that wait for a person, open or in work, by type", ["type"]);
  for (const type of TASK_TYPES) tasks.set({ type }, status.tasks.by_type[type] ?? 0);
  return { text: await registry.metrics(), contentType: registry.contentType };
}

import * as z from "zod";
import { integer, oneOf } from "../config/reading.ts";
import { EXIT, type ExitName } from "../exit-codes.ts";
import type { RunReport } from "../jobs/run-job.ts";
import { OrderQuery } from "../store/order-query.ts";
import { setWatermark } from "../store/set-watermark.ts";
import { TaskStore } from "../store/task-store.ts";
import { WatermarkStore } from "../store/watermark-store.ts";
import { JOB_NAMES } from "../sync/job-name.ts";
import { shellWord } from "../sync/shell-word.ts";
import { STAGE_STATUS, TASK_STATUS } from "../sync/stage.ts";
import { watermarkAsJson } from "../sync/watermark.ts";
import { jsonAnswer } from "./answers.ts";
import { orderIdParam } from "./params.ts";
import { RefusedRequestError } from "./refusal.ts";
import type { Admin, AdminRequest } from "./request.ts";

const stageStatus = () => oneOf(Object.values(STAGE_STATUS)).optional();
const limit = () => integer(1, 200).default(50);
const offset = () => integer(0, 1_000_000_000).default(0);

export const JOB_PARAMS = z.strictObject({ job: oneOf(JOB_NAMES) });
export const ORDER_PARAMS = z.strictObject({ dsco_order_id: orderIdParam() });
export const ORDERS_PARAMS = z.strictObject({
  push_status: stageStatus(),
  ack_status: stageStatus(),
  ship_status: stageStatus(),
  invoice_status: stageStatus(),
  limit: limit(),
  offset: offset(),
});
/** Open tasks unless said; `status=` is no filter. */
export const TASKS_PARAMS = z.strictObject({
  status: z
    .union([z.literal(""), oneOf(Object.values(TASK_STATUS))], {
      error: `one of: ${Object.values(TASK_STATUS).join(", ")}, or empty for all`,
    })
    .default(TASK_STATUS.open),
  limit: limit(),
  offset: offset(),
});

/** Exits with which a pass did its work as far as it could. */
const DONE: ReadonlySet<ExitName> = new Set(["ok", "partial", "deadline"]);

/** One pass, synchronously. It goes on to its end although the caller hangs up. */
export async function postRun({ traceId, actor }: AdminRequest, { runs }: Admin, { job }: z.output<typeof JOB_PARAMS>): Promise<Response> {
  return runAnswer(await runs.run(job, traceId, { actor }));
}

/** The run's own document, and whether it counts as done. What ended without an error of its own, by a signal, is given one. */
export function runAnswer(report: RunReport): Response {
  const { code, name } = report.exit;
  if (DONE.has(name)) return jsonAnswer(200, { ok: true, ...report });
  const error = report.error ?? { code, name, message: EXIT[name].meaning, next_step: "the next pass goes on from there" };
  return jsonAnswer(name === "locked" ? 409 : 500, { ok: false, ...report, error });
}

export async function getOrder(_: AdminRequest, { db }: Admin, { dsco_order_id: id }: z.output<typeof ORDER_PARAMS>): Promise<Response> {
  const row = await new OrderQuery(db).find(id);
  if (row === undefined)
    throw notFound(`unknown order ${id}`, `if DSCO has it, pull it: ipass run pull_dsco_orders --order ${shellWord(id)}`);
  return jsonAnswer(200, row);
}

export async function listOrders(_: AdminRequest, { db }: Admin, query: z.output<typeof ORDERS_PARAMS>): Promise<Response> {
  const { limit, offset, ...statuses } = query;
  const given = Object.entries(statuses).flatMap(([name, status]) => (status === undefined ? [] : [[name.replace("_status", ""), status]]));
  const { items, total } = await new OrderQuery(db).list({ ...Object.fromEntries(given), limit, offset });
  return jsonAnswer(200, { items, count: items.length, total });
}

export async function listTasks(
  _: AdminRequest,
  { db }: Admin,
  { status, limit, offset }: z.output<typeof TASKS_PARAMS>,
): Promise<Response> {
  const { items, total } = await new TaskStore(db).list({ ...(status === "" ? {} : { status }), limit, offset });
  return jsonAnswer(200, { items, count: items.length, total });
}

export async function getWatermark(_: AdminRequest, { db }: Admin, { job }: z.output<typeof JOB_PARAMS>): Promise<Response> {
  const watermark = await new WatermarkStore(db).find(job);
  if (watermark === undefined) throw notFound(`${job} has no watermark`, `set one: ipass watermark set ${job} '<json>'`);
  return jsonAnswer(200, watermarkAsJson(watermark));
}

export async function postWatermark(
  { body, traceId, actor }: AdminRequest,
  { db }: Admin,
  { job }: z.output<typeof JOB_PARAMS>,
): Promise<Response> {
  await setWatermark(db, job, body, { traceId, actor }, new Date());
  return jsonAnswer(200, { ok: true });
}

function notFound(message: string, nextStep: string): RefusedRequestError {
  return new RefusedRequestError(404, message, nextStep);
}

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RefusedByGuardError } from "../../src/errors.ts";
import { applyCancelRule } from "../../src/store/cancel-rule.ts";
import { actOnStage } from "../../src/store/operator-actions.ts";
import { OrderStore } from "../../src/store/order-store.ts";
import { RawPurge } from "../../src/store/raw-purge.ts";
import { SnapshotStore } from "../../src/store/snapshot-store.ts";
import { StageClaims } from "../../src/store/stage-claims.ts";
import type { StageChange } from "../../src/sync/outcome.ts";
import { STAGES, type Stage, type StageStatus } from "../../src/sync/stage.ts";
import { aPulledOrder } from "../helpers/builders.ts";
import { useStoreDatabase } from "../store/store-database.ts";
import { cases, FUZZ_TIMEOUT } from "./fuzz-runs.ts";

const database = await useStoreDatabase();
const { db } = database;

const IDS = ["A", "B", "C"] as const;
const RUNS = ["1", "2"] as const;
const GRACE_MS = 300_000;
type Id = (typeof IDS)[number];

interface ModelStage {
  status: StageStatus;
  retries: number;
  run: string | null;
  request: string | null;
  hold: string | null;
  sentAt: number | null;
}
interface ModelOrder {
  dscoStatus: string;
  asked: 0 | 1 | 2;
  applied: boolean;
  text: boolean;
  stages: Record<Stage, ModelStage>;
}
type Model = { readonly orders: Record<Id, ModelOrder>; clock: number };

/** Three orders somewhere on their way: one status for each stage of each. */
const beginnings = fc.array(fc.constantFrom<StageStatus>(1, 1, 0, 4, 2, 3), { minLength: 12, maxLength: 12 });

function aModel(statuses: readonly StageStatus[]): Model {
  const left = [...statuses];
  const stage = (): ModelStage => ({ status: left.shift() ?? 0, retries: 0, run: null, request: null, hold: null, sentAt: null });
  const order = (): ModelOrder => ({
    dscoStatus: "created",
    asked: 0,
    applied: false,
    text: true,
    stages: { push: stage(), ack: stage(), ship: stage(), invoice: stage() },
  });
  return { orders: { A: order(), B: order(), C: order() }, clock: Date.parse("2026-01-05T08:00:00Z") };
}

/** The stores as passes of two runs, people and DSCO use them. */
const claims = new StageClaims(db);
const source = { runId: undefined, traceId: "t" };
const person = { ...source, actor: "ann", reason: "r" };

type Row = Record<string, number | string | Date | null>;

async function expectSame(model: Model): Promise<void> {
  const rows = await database.query<Row>("select * from sync_order_state order by dsco_order_id");
  const seen = rows.map((row) => ({
    id: row.dsco_order_id,
    asked: row.cancel_requested,
    applied: row.cancel_applied === 1,
    ...Object.fromEntries(
      STAGES.map((stage) => [
        stage,
        {
          status: row[`${stage}_status`],
          retries: row[`${stage}_retry_count`],
          run: row[`${stage}_run_id`] === null ? null : String(row[`${stage}_run_id`]),
          request: row[`${stage}_request_id`],
          hold: row[`${stage}_hold`],
          sentAt: (row[`${stage}_sent_at`] as Date | null)?.getTime() ?? null,
        },
      ]),
    ),
  }));
  expect(seen).toEqual(
    IDS.map((id) => ({ id, asked: model.orders[id].asked, applied: model.orders[id].applied, ...model.orders[id].stages })),
  );
  const texts = await database.query<{ id: string }>("select dsco_order_id as id from dsco_order_raw order by dsco_order_id");
  expect(texts.map(({ id }) => id)).toEqual(IDS.filter((id) => model.orders[id].text));
}

type Command = fc.AsyncCommand<Model, object>;

function command(name: string, run: (model: Model, now: Date) => Promise<void>): Command {
  return {
    check: () => true,
    async run(model) {
      model.clock += 1_000;
      await run(model, new Date(model.clock));
      await expectSame(model);
    },
    toString: () => name,
  };
}

const some = fc.subarray([...IDS], { minLength: 1 });
const stage = fc.constantFrom(...STAGES);
const run = fc.constantFrom(...RUNS);
const OPEN = [0, 2];
const inFlightOf = (model: Model, stage: Stage, ids: readonly Id[], run: string) =>
  ids.filter((id) => model.orders[id].stages[stage].status === 9 && model.orders[id].stages[stage].run === run);

const claim = fc.tuple(stage, some, run).map(([at, ids, by]) =>
  command(`claim ${at} of ${ids} by ${by}`, async (model, now) => {
    const mine = ids.filter((id) => {
      const { stages, dscoStatus, asked } = model.orders[id];
      return OPEN.includes(stages[at].status) && dscoStatus !== "cancelled" && !(asked === 1 && (at === "push" || at === "ship"));
    });
    const won = await claims.claim(
      at,
      ids.map((id) => ({ id })),
      by,
      now,
      new Date(now.getTime() + GRACE_MS),
    );
    expect([...won].sort()).toEqual(mine);
    for (const id of mine)
      Object.assign(model.orders[id].stages[at], { status: 9, run: by, request: null, hold: null, sentAt: now.getTime() });
  }),
);

const queue = fc.tuple(stage, some, run).map(([at, ids, by]) =>
  command(`queue ${at} of ${ids} by ${by}`, async (model) => {
    const mine = inFlightOf(model, at, ids, by);
    expect(await claims.saveRequestId(at, ids, by, `r-${by}`)).toBe(mine.length === ids.length);
    for (const id of mine) model.orders[id].stages[at].request = `r-${by}`;
  }),
);

const takeOver = fc.tuple(stage, run).map(([at, by]) =>
  command(`take ${at} over by ${by}`, async (model) => {
    const found = await new OrderStore(db).inFlight(at, { after: "", limit: 10 });
    const inFlight = IDS.filter((id) => model.orders[id].stages[at].status === 9);
    expect(found.map(({ id }) => id)).toEqual(inFlight);
    expect([...(await claims.takeOver(at, found, by))].sort()).toEqual(inFlight);
    for (const id of inFlight) model.orders[id].stages[at].run = by;
  }),
);

const outcome = fc.constantFrom<StageStatus>(0, 1, 2, 3, 4);
const settle = fc.tuple(stage, some, fc.option(run, { nil: undefined }), outcome).map(([at, ids, by, status]) =>
  command(`${by === undefined ? "decide" : `settle by ${by}`} ${at} of ${ids}: ${status}`, async (model, now) => {
    const mine = by === undefined ? ids.filter((id) => OPEN.includes(model.orders[id].stages[at].status)) : inFlightOf(model, at, ids, by);
    const change = (id: Id): StageChange => ({
      status,
      retryCount: model.orders[id].stages[at].retries + (status === 2 ? 1 : 0),
      doubts: 0,
      error: status === 2 ? "no" : undefined,
      hold: status === 3 ? "sync_failed" : undefined,
      nextAttemptAt: undefined,
      requestId: model.orders[id].stages[at].request ?? undefined,
      globalOrderNo: undefined,
      invoiceId: undefined,
      trackingNo: undefined,
      task: undefined,
      tally: "done",
      event: "e",
      detail: {},
    });
    const matched = await claims.applyChanges(at, new Map(ids.map((id) => [id, change(id)])), now, by);
    expect(matched).toBe(mine.length);
    for (const id of mine) {
      const before = model.orders[id].stages[at];
      Object.assign(before, { status, retries: before.retries + (status === 2 ? 1 : 0), hold: status === 3 ? "sync_failed" : null });
    }
  }),
);

const operate = fc.tuple(fc.constantFrom("requeue" as const, "done" as const), stage, some).map(([action, at, ids]) =>
  command(`${action} ${at} of ${ids}`, async (model, now) => {
    const forbidden = action === "requeue" ? [1, 4, 9] : [1, 9];
    const acting = action === "requeue" ? [2, 3] : [0, 2, 3];
    const statuses = ids.map((id) => model.orders[id].stages[at].status);
    const acted = actOnStage(db, action, ids, at, person, now);
    if (statuses.some((status) => forbidden.includes(status)))
      return void (await expect(acted).rejects.toBeInstanceOf(RefusedByGuardError));
    const mine = ids.filter((id) => acting.includes(model.orders[id].stages[at].status));
    expect((await acted).map(({ dsco_order_id }) => dsco_order_id)).toEqual(mine);
    for (const id of mine) {
      const order = model.orders[id];
      const wave = action === "requeue" && order.stages[at].hold === "cancel_requested";
      Object.assign(order.stages[at], { status: action === "done" ? 4 : 0, retries: 0, hold: null });
      if (action === "requeue" && order.dscoStatus === "cancelled") order.applied = false;
      if (!wave) continue;
      if (order.asked === 1) order.asked = 2;
      for (const other of ["push", "ship"] as const)
        if (order.stages[other].status === 3 && order.stages[other].hold === "cancel_requested")
          Object.assign(order.stages[other], { status: 0, hold: null });
    }
  }),
);

const retail = fc.tuple(some, fc.constantFrom("created", "cancelled", "shipped"), fc.boolean()).map(([ids, status, asks]) =>
  command(`DSCO: ${ids} ${status}${asks ? ", asked to be cancelled" : ""}`, async (model, now) => {
    const snapshots = new SnapshotStore(db);
    const orders = ids.map((id) => aPulledOrder({ id, status, cancelRequested: asks }));
    await snapshots.saveOrders(orders);
    await snapshots.saveTexts(
      orders.map((order) => ({ ...order, key: order.id })),
      now,
    );
    for (const id of ids) {
      const order = model.orders[id];
      order.dscoStatus = status;
      order.asked = asks ? (Math.max(order.asked, 1) as 1 | 2) : 0;
      order.text = true;
    }
  }),
);

/** Told once more, in other words than the decision has: what a cancellation, a request or their end does to an order. */
function cancelInModel(order: ModelOrder): void {
  const all = STAGES.map((stage) => order.stages[stage]);
  const set = (stages: readonly ModelStage[], status: StageStatus, hold: string | null) => {
    for (const each of stages) Object.assign(each, { status, hold, ...(status === 0 && { retries: 0 }) });
  };
  if (order.dscoStatus === "cancelled") {
    if (order.applied || all.some(({ status }) => status === 9)) return;
    const { push } = order.stages;
    if (push.status === 1 || (push.status === 4 && push.hold !== "cancelled"))
      set(
        all.filter(
          ({ status, hold }) => OPEN.includes(status) || (status === 3 && (hold === "cancel_requested" || hold === "lingxing_cancelled")),
        ),
        3,
        "cancelled_after_push",
      );
    else
      set(
        all.filter(({ status }) => [0, 2, 3].includes(status)),
        4,
        "cancelled",
      );
    order.applied = true;
  } else if (order.applied) {
    set(
      all.filter(({ hold }) => hold === "cancelled" || hold === "cancelled_after_push"),
      0,
      null,
    );
    order.applied = false;
  } else if (order.asked === 1) {
    set(
      [order.stages.push, order.stages.ship].filter(({ status }) => OPEN.includes(status)),
      3,
      "cancel_requested",
    );
  }
}

const rule = fc.constant(
  command("cancel rule", async (model, now) => {
    await applyCancelRule(db, source, now);
    for (const id of IDS) cancelInModel(model.orders[id]);
  }),
);

const purge = fc.constant(
  command("purge", async (model) => {
    const open = await database.query<{ id: string }>("select distinct dsco_order_id as id from manual_task where status in (0, 1)");
    const busy = new Set(open.map(({ id }) => id));
    await new RawPurge(db, new Date("2100-01-01T00:00:00Z")).purge();
    for (const id of IDS)
      if (STAGES.every((stage) => [1, 4].includes(model.orders[id].stages[stage].status)) && !busy.has(id)) model.orders[id].text = false;
  }),
);

describe("the stores under two runs, people, DSCO and the purge at once", FUZZ_TIMEOUT, () => {
  it("do to a row what the model does, whatever happens in whatever order", async () => {
    const commands = fc.commands(
      [claim, claim, claim, queue, takeOver, settle, settle, settle, operate, operate, retail, rule, rule, purge],
      {
        maxCommands: 40,
        size: "max",
      },
    );
    await fc.assert(
      fc.asyncProperty(beginnings, commands, async (statuses, steps) => {
        const model = aModel(statuses);
        await database.empty();
        const orders = IDS.map((id) => aPulledOrder({ id }));
        await new SnapshotStore(db).saveOrders(orders);
        await new SnapshotStore(db).saveTexts(
          orders.map((order) => ({ ...order, key: order.id })),
          new Date(model.clock),
        );
        for (const id of IDS) {
          const columns = STAGES.map((stage) => [`${stage}_status`, model.orders[id].stages[stage].status]);
          await database.query("update sync_order_state set ? where dsco_order_id = ?", [Object.fromEntries(columns), id]);
        }
        await fc.asyncModelRun(() => ({ model, real: {} }), steps);
      }),
      cases(40),
    );
  });
});

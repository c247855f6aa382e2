import { RefusedByGuardError, SyncError } from "../errors.ts";
import type { StockReading } from "../lingxing/inventory-reader.ts";
import { StockTasks } from "../store/stock-tasks.ts";
import { type GuardTrip, guardReading, guardZero } from "../sync/stock-guard.ts";
import { StockSums } from "../sync/stock-sums.ts";
import { READ_TASKS, taskForGuard, taskForRows } from "../sync/stock-tasks.ts";
import { itemsLeft, type Job } from "./job.ts";
import { type StockContext, StockLedger } from "./stock-ledger.ts";
import { StockSender } from "./stock-sender.ts";
import { StockSettler } from "./stock-settler.ts";
import { type StockSurvey, surveyStock } from "./stock-survey.ts";

/** Makes DSCO show what Lingxing can sell. */
export const syncStock: Job<"dsco" | "lingxing" | "stock"> = {
  name: "sync_stock",
  needs: ["dsco", "lingxing", "stock"],
  run: (ctx) => new StockPass(ctx).run(),
};

const SOLVED = { who: "ipass", reason: "the cause is gone" };

/**
 * One pass: settle what is in flight, read Lingxing, compare, let the guards judge, send what changed in batches, and ask DSCO's log what
 * became of it. Its items are SKUs.
 */
class StockPass {
  readonly #ctx: StockContext;
  readonly #tasks: StockTasks;
  readonly #ledger: StockLedger;
  readonly #settler: StockSettler;
  /** What this pass learned of SKUs that an earlier one had sent: counted once it is clear that they are not sent again. */
  readonly #settled = new Map<string, "done" | "failed">();
  #guardTripped = false;

  constructor(ctx: StockContext) {
    this.#ctx = ctx;
    this.#tasks = new StockTasks(ctx.db);
    this.#ledger = new StockLedger(ctx);
    this.#settler = new StockSettler(ctx, this.#ledger);
  }

  async run(): Promise<void> {
    try {
      await this.#settler.settleEarlier((sku, outcome) => this.#settled.set(sku, outcome));
      const sums = await this.#read();
      const survey = await surveyStock(this.#ctx, sums, this.#settled);
      await this.#judge(guardZero(survey.zero, this.#ctx.config.stock.maxZeroPercent));
      this.#countUnsent(survey);
      await this.#ledger.forget(survey.forgotten);
      await this.#handOver(sums);
      await this.#send(survey, sums);
    } finally {
      for (const outcome of this.#settled.values()) this.#count(outcome);
    }
  }

  async #read(): Promise<StockSums> {
    const { warehouseMap, skuMap } = this.#ctx.config.stock;
    const inventory = (await this.#ctx.lingxing()).inventory;
    let sums = new StockSums({ warehouseMap, ...(skuMap && { skuMap }) });
    const reading: StockReading = await inventory.read([...warehouseMap.keys()], () => {
      const own = new StockSums({ warehouseMap, ...(skuMap && { skuMap }) });
      sums = own;
      return (rows) => {
        for (const row of rows) own.add(row);
      };
    });
    await this.#judge(guardReading(reading));
    return sums;
  }

  /** @throws RefusedByGuardError unless the guard was told to let it pass, which is recorded with who and when */
  async #judge(trip: GuardTrip | undefined): Promise<void> {
    if (trip === undefined) return;
    this.#guardTripped = true;
    const { allowMassZero, dryRun, actor = "unknown" } = this.#ctx.options;
    const task = taskForGuard(trip);
    if (dryRun) this.#ctx.plan.push({ do: "manual", task_type: task.type, cause: trip.message, ...trip.figures });
    else if (allowMassZero) {
      const at = this.#ctx.now();
      await this.#tasks.raise([{ ...task, facts: { ...task.facts, overridden_by: actor, overridden_at: at.toISOString() } }]);
      await this.#tasks.close(task.type, (subject) => subject === task.subject, { who: actor, reason: "--allow-mass-zero" });
    } else await this.#tasks.raise([task]);
    this.#ctx.log.warn(allowMassZero ? "stock_guard_overridden" : "stock_guard", { cause: trip.cause, ...trip.figures, actor });
    if (!allowMassZero) throw new RefusedByGuardError(`${trip.message}; nothing was sent`, task.nextStep);
  }

  /** Only after a guard had its say: a pass that is refused has dealt with nothing. */
  #countUnsent({ unchanged, waiting }: StockSurvey): void {
    this.#ctx.tally.read(unchanged + waiting);
    this.#ctx.tally.settle("skipped", unchanged);
    this.#ctx.tally.settle("waiting", waiting);
  }

  /** What could not be counted goes to a person; what now can be, is closed. */
  async #handOver(sums: StockSums): Promise<void> {
    const tasks = sums.uncounted.map(taskForRows);
    const ignored = new Set<string>();
    for (const type of tasks.length > 0 ? READ_TASKS : []) {
      for (const subject of await this.#tasks.ignored(type)) ignored.add(subject);
    }
    const open = tasks.filter(({ subject }) => !ignored.has(subject));
    this.#ctx.tally.read(tasks.length);
    this.#ctx.tally.settle("manual", open.length);
    this.#ctx.tally.settle("skipped", tasks.length - open.length);
    if (this.#ctx.options.dryRun) {
      for (const { type, cause } of open) this.#ctx.plan.push({ do: "manual", task_type: type, cause });
      return;
    }
    await this.#tasks.raise(open);
    const still = new Set(tasks.map(({ subject }) => subject));
    for (const type of READ_TASKS) await this.#tasks.close(type, (subject) => !still.has(subject), SOLVED);
    if (!this.#guardTripped) await this.#tasks.close("stock_guard", () => true, SOLVED);
  }

  async #send({ due }: StockSurvey, sums: StockSums): Promise<void> {
    const allowed = Math.min(due.length, itemsLeft(this.#ctx, 0));
    for (const sku of due) this.#settled.delete(sku); // what becomes of it now is what counts
    this.#ctx.tally.read(due.length);
    this.#ctx.tally.settle("waiting", due.length - allowed);
    const onSettled = (_sku: string, outcome: "done" | "failed") => this.#ctx.tally.settle(outcome);
    const sender = new StockSender(this.#ctx, this.#ledger, sums, onSettled);
    let failure: unknown;
    try {
      await sender.send(due.slice(0, allowed));
    } catch (error) {
      failure = error;
    }
    // Whatever a vendor did to end the sending: what DSCO has queued is asked for. Without the lock or the database nothing goes on.
    if (failure === undefined || failure instanceof SyncError) {
      try {
        this.#ctx.tally.settle("waiting", await this.#settler.confirm(sender.queued, onSettled));
      } catch (error) {
        failure ??= error;
      }
    }
    if (failure !== undefined) throw failure;
  }

  #count(outcome: "done" | "failed"): void {
    this.#ctx.tally.read(1);
    this.#ctx.tally.settle(outcome);
  }
}

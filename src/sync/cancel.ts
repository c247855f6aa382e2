import { STAGE_STATUS, STAGES, type Stage, type StageStatus, type TaskType } from "./stage.ts";

/** An order that the retailer cancelled, asked to cancel, or brought back. */
export interface CancelCase {
  readonly dscoStatus: string;
  readonly cancelRequested: boolean;
  /** The rule has dealt with this cancellation before. */
  readonly applied: boolean;
  readonly stages: Readonly<Record<Stage, { readonly status: StageStatus; readonly hold: string | undefined }>>;
}

export type Hold = "cancelled" | Extract<TaskType, "cancelled_after_push" | "cancel_requested">;

export interface CancelEffect {
  readonly stages: Readonly<
    Partial<Record<Stage, { readonly status: StageStatus; readonly hold: Hold | undefined; readonly error: string | undefined }>>
  >;
  /** What the flag `applied` becomes. */
  readonly applied: boolean;
  readonly event: "cancelled" | "cancelled_after_push" | "cancel_requested" | "uncancelled";
  readonly task: { readonly type: TaskType; readonly stage: Stage; readonly cause: string; readonly nextStep: string } | undefined;
  /** Types of task whose cause is gone; "all" when nothing about the order needs a person any more. */
  readonly closes: readonly TaskType[] | "all";
}

const OPEN: readonly StageStatus[] = [STAGE_STATUS.waiting, STAGE_STATUS.failed];

/** What a person was asked for that a cancellation answers: its own task takes their place, and all begins anew if it is taken back. */
const ANSWERED = ["cancel_requested", "lingxing_cancelled"] as const satisfies readonly TaskType[];
const isAnswered = (hold: string | undefined): boolean => ANSWERED.some((type) => type === hold);

/** What a cancellation does to an order; undefined while nothing is to be done, or while a stage is in flight and must be settled first. */
export function decideCancel(order: CancelCase): CancelEffect | undefined {
  if (order.dscoStatus === "cancelled") return order.applied || inFlight(order) ? undefined : cancelled(order);
  if (order.applied) return uncancelled(order);
  return order.cancelRequested ? cancelRequested(order) : undefined;
}

function cancelled(order: CancelCase): CancelEffect {
  const { push } = order.stages;
  const pushed = push.status === STAGE_STATUS.done || (push.status === STAGE_STATUS.notNeeded && push.hold !== "cancelled");
  if (!pushed) {
    const stages = stagesWhere(order, (status) => OPEN.includes(status) || status === STAGE_STATUS.manual);
    return {
      stages: setAll(stages, STAGE_STATUS.notNeeded, "cancelled", "cancelled at DSCO"),
      applied: true,
      event: "cancelled",
      task: undefined,
      closes: "all",
    };
  }
  const open = stagesWhere(order, (status, hold) => OPEN.includes(status) || (status === STAGE_STATUS.manual && isAnswered(hold)));
  const first = stagesWhere(order, (status) => OPEN.includes(status) || status === STAGE_STATUS.manual)[0];
  return {
    stages: setAll(open, STAGE_STATUS.manual, "cancelled_after_push", "cancelled at DSCO after it was pushed"),
    applied: true,
    event: "cancelled_after_push",
    task:
      first === undefined
        ? undefined
        : {
            type: "cancelled_after_push",
            stage: first,
            cause: "cancelled at DSCO after it was pushed",
            nextStep: `${first === "invoice" ? "it has been shipped: agree with the retailer who pays" : "cancel it in Lingxing too"}, then close each open stage: ipass order-state done <dscoOrderId> --stage ${first} --reason "…"`,
          },
    closes: ANSWERED,
  };
}

/** What the rule set goes back to waiting; what a person decided since stays. */
function uncancelled(order: CancelCase): CancelEffect {
  const stages = stagesWhere(order, (_, hold) => hold === "cancelled" || hold === "cancelled_after_push");
  return {
    stages: setAll(stages, STAGE_STATUS.waiting, undefined, undefined),
    applied: false,
    event: "uncancelled",
    task: undefined,
    closes: ["cancelled_after_push"],
  };
}

/** Blocks what cannot be taken back: the push and the shipment. */
function cancelRequested(order: CancelCase): CancelEffect | undefined {
  const blocked = (["push", "ship"] as const).filter((stage) => OPEN.includes(order.stages[stage].status));
  const [first] = blocked;
  if (first === undefined) return undefined;
  return {
    stages: setAll(blocked, STAGE_STATUS.manual, "cancel_requested", "the retailer asks to cancel this order"),
    applied: false,
    event: "cancel_requested",
    task: {
      type: "cancel_requested",
      stage: first,
      cause: "the retailer asks to cancel this order",
      nextStep: `cancel it at DSCO, or let it go on: ipass order-state requeue <dscoOrderId> --stage ${first} --reason "…"`,
    },
    closes: [],
  };
}

function inFlight(order: CancelCase): boolean {
  return STAGES.some((stage) => order.stages[stage].status === STAGE_STATUS.inFlight);
}

function stagesWhere(order: CancelCase, applies: (status: StageStatus, hold: string | undefined) => boolean): Stage[] {
  return STAGES.filter((stage) => applies(order.stages[stage].status, order.stages[stage].hold));
}

function setAll(stages: readonly Stage[], status: StageStatus, hold: Hold | undefined, error: string | undefined): CancelEffect["stages"] {
  return Object.fromEntries(stages.map((stage) => [stage, { status, hold, error }]));
}

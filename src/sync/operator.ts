import { STAGE_STATUS, type StageStatus } from "./stage.ts";

export type OperatorAction = "requeue" | "done";
export type OperatorDecision =
  | { readonly do: "set"; readonly status: StageStatus }
  | { readonly do: "nothing" }
  | { readonly do: "refuse"; readonly why: string };

/** What a person may do to a stage. Requeue: 2 and 3 go back to 0. Done (a person did it elsewhere): 0, 2 and 3 become 4. */
export function decideOperator(action: OperatorAction, status: StageStatus): OperatorDecision {
  switch (status) {
    case STAGE_STATUS.inFlight:
      return { do: "refuse", why: "in flight: the next pass asks the vendor what became of it" };
    case STAGE_STATUS.done:
      return { do: "refuse", why: "already done" };
    case STAGE_STATUS.notNeeded:
      return action === "done" ? { do: "nothing" } : { do: "refuse", why: "closed as not needed" };
    case STAGE_STATUS.waiting:
      return action === "done" ? { do: "set", status: STAGE_STATUS.notNeeded } : { do: "nothing" };
    case STAGE_STATUS.failed:
    case STAGE_STATUS.manual:
      return { do: "set", status: action === "done" ? STAGE_STATUS.notNeeded : STAGE_STATUS.waiting };
  }
}

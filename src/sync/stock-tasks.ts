import type { TaskType } from "./stage.ts";
import type { GuardTrip } from "./stock-guard.ts";
import type { Uncounted } from "./stock-sums.ts";

/** Something about stock that a person must see to; no order is concerned. */
export interface StockTask {
  readonly type: TaskType;
  /** What it is about, such as `sku:MUG-BLUE`: one task each. */
  readonly subject: string;
  readonly cause: string;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly nextStep: string;
}

/** The kinds of task a complete read opens, and closes again. */
export const READ_TASKS = ["missing_mapping", "bad_payload"] as const satisfies readonly TaskType[];

const WAREHOUSE_MAP = "IPASS_STOCK_WID_TO_DSCO_WAREHOUSE_CODE_JSON";
const SKU_MAP = "IPASS_STOCK_SKU_TO_DSCO_SKU_JSON";
const SHOWN_CHARS = 200;

/** Rows of Lingxing's that are left out of the sums: the others go on without them. */
export function taskForRows({ kind, what, rows }: Uncounted): StockTask {
  const shown = what.length > SHOWN_CHARS ? `${what.slice(0, SHOWN_CHARS)}…` : what;
  const base = { subject: `${kind}:${shown}`, facts: { rows } };
  switch (kind) {
    case "unmapped_warehouse":
      return {
        ...base,
        type: "missing_mapping",
        cause: `Lingxing warehouse ${shown} is in no map`,
        nextStep: `add its wid to ${WAREHOUSE_MAP}, or if it is not for sale: ipass manual-tasks ignore <id> --reason "…"`,
      };
    case "unmapped_sku":
      return {
        ...base,
        type: "missing_mapping",
        cause: `Lingxing SKU ${shown} is in no map, but another SKU is mapped to that name at DSCO`,
        nextStep: `map it to a DSCO SKU of its own in ${SKU_MAP}; until then its stock is not counted`,
      };
    case "no_sku":
      return {
        ...base,
        type: "missing_mapping",
        cause: `${rows} rows of Lingxing's stock have no SKU`,
        nextStep: "give the product a SKU in Lingxing; until then its stock is not counted",
      };
    case "long_sku":
      return {
        ...base,
        type: "missing_mapping",
        cause: `Lingxing SKU ${shown} has more characters than DSCO takes (90)`,
        nextStep: `map it to its DSCO SKU in ${SKU_MAP}; until then its stock is not counted`,
      };
    case "unreadable_row":
      return {
        ...base,
        type: "bad_payload",
        cause: `${rows} rows of Lingxing's stock cannot be read, not even their SKU`,
        nextStep: "see whether Lingxing's answer has changed; until then a SKU that it does not list keeps the figure it has at DSCO",
      };
    case "unreadable":
      return {
        ...base,
        type: "bad_payload",
        cause: `Lingxing's figure for ${shown} cannot be read`,
        nextStep: "look at product_valid_num of this SKU in Lingxing; until then DSCO keeps the figure it has",
      };
  }
}

/** DSCO does not take the figures of a SKU. It is sent again by itself. */
export function taskForRefusal(sku: string, reason: string, refusals: number): StockTask {
  return {
    type: "sync_failed",
    subject: `sku:${sku}`,
    cause: `DSCO refuses the stock of ${sku}: ${reason}`,
    facts: { sku, refusals },
    nextStep: `have the item set up at DSCO, or map the SKU in ${SKU_MAP}; it is sent again by itself, at once with: ipass run sync_stock --full`,
  };
}

/** A guard stopped the pass before anything was sent. */
export function taskForGuard({ cause, message, figures }: GuardTrip): StockTask {
  return {
    type: "stock_guard",
    subject: `guard:${cause}`,
    cause: message,
    facts: figures,
    nextStep: "compare with Lingxing: ipass stock diff; if the figures are right: ipass run sync_stock --allow-mass-zero",
  };
}

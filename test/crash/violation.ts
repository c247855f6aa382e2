/** Which promise was not kept. */
export type Rule =
  /** An order DSCO has is not in our tables, or the watermark has passed it by. */
  | "lost"
  /** Something stands in a system, or was asked for there, more than once. */
  | "repeated"
  /** A stage says done and the vendor does not have it, or the other way round. */
  | "untrue"
  /** What stands in a system is not what the order says. */
  | "wrong"
  /** A stage has not come to its end although nothing was in its way. */
  | "unfinished"
  | "in_flight"
  /** A retry budget was charged, or a person asked, though all that happened was a crash. */
  | "charged"
  /** An outcome was recorded by another run than the one that held the row, or twice. */
  | "not_ours"
  /** A run's record or its lines in the log do not tell what became of it. */
  | "run";

export interface Violation {
  readonly rule: Rule;
  /** The order, SKU or run it is about. */
  readonly about: string;
  readonly what: string;
}

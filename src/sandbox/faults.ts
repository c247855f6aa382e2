import { UsageError } from "../errors.ts";
import { CALL_NAMES, type CallName } from "./endpoint.ts";
import { chanceOf } from "./random.ts";

/** Before: the vendor never saw the call. */
const BEFORE = [
  "reset-before",
  "timeout-before",
  "500-before",
  "503-before",
  "429",
  "429-seconds",
  "429-date",
  "429-huge",
  "3001008",
  "refuse-signature",
  "signature-expired",
  "401",
] as const;
/** After: the call took effect, only its answer is lost or spoilt. */
const AFTER = ["reset-after", "timeout-after", "500-after", "truncated", "html", "other-shape"] as const;
/** The call itself goes its way, and meets the vendor with a token that has just died. */
const CHURN = "token-churn";
export const FAULT_KINDS = [...BEFORE, CHURN, ...AFTER] as const;
/** Instead of a call's name: the further pages of any scroll, which are asked for under the name of the first. */
const SCROLL = "scroll";
export const FAULT_TARGETS = [...CALL_NAMES, SCROLL, "*"] as const;
type FaultTarget = (typeof FAULT_TARGETS)[number];
export type FaultKind = (typeof FAULT_KINDS)[number];
export type FaultBefore = (typeof BEFORE)[number];
export type FaultAfter = (typeof AFTER)[number];

type Rate = { readonly chance: number } | { readonly only: number } | { readonly every: number };
interface Fault {
  readonly spec: string;
  readonly call: FaultTarget;
  readonly kind: FaultKind;
  readonly rate: Rate;
}

export function happensBefore(kind: FaultKind): kind is FaultBefore {
  return (BEFORE as readonly string[]).includes(kind);
}

/** Reads `<call>:<kind>:<rate>`; throws UsageError naming what would be allowed. */
export function parseFault(spec: string): Fault {
  const [call = "", kind = "", rate = "", ...rest] = spec.split(":");
  if (rest.length > 0 || rate === "") throw badFault(spec, "it has three parts: <call>:<kind>:<rate>");
  if (!isTarget(call)) throw badFault(spec, `the call "${call}" is not one of: ${FAULT_TARGETS.join(", ")}`);
  if (!isKind(kind)) throw badFault(spec, `the kind "${kind}" is not one of: ${FAULT_KINDS.join(", ")}`);
  const parsed = parseRate(rate);
  if (parsed === undefined)
    throw badFault(spec, `the rate "${rate}" is none of: a probability from 0 to 1, #<n> (only the nth call), every=<n>`);
  return { spec, call, kind, rate: parsed };
}

function badFault(spec: string, problem: string): UsageError {
  return new UsageError(
    `fault "${spec}": ${problem}`,
    "for example --fault create:reset-after:0.05, order_log:503-before:#2 or '*:429:every=10'",
  );
}

function isTarget(text: string): text is FaultTarget {
  return (FAULT_TARGETS as readonly string[]).includes(text);
}

function isKind(text: string): text is FaultKind {
  return (FAULT_KINDS as readonly string[]).includes(text);
}

function parseRate(text: string): Rate | undefined {
  const only = /^#([1-9]\d*)$/.exec(text)?.[1];
  if (only !== undefined) return { only: Number(only) };
  const every = /^every=([1-9]\d*)$/.exec(text)?.[1];
  if (every !== undefined) return { every: Number(every) };
  return /^(0(\.\d+)?|1(\.0+)?|\.\d+)$/.test(text) ? { chance: Number(text) } : undefined;
}

/**
 * Decides which call goes wrong. The same seed and the same number of calls of a name give the same faults, however
 * calls of different names interleave: each decision hangs on seed, rule, call name and that call's own count.
 */
export class FaultPlan {
  readonly #seed: number;
  #faults: readonly Fault[] = [];
  #counts = new Map<string, number>();

  constructor(seed: number, specs: readonly string[]) {
    this.#seed = seed;
    this.replace(specs);
  }

  /** All specs are read before any is used; counting starts anew. Throws UsageError. */
  replace(specs: readonly string[]): void {
    this.#faults = specs.map(parseFault);
    this.#counts = new Map();
  }

  get specs(): string[] {
    return this.#faults.map(({ spec }) => spec);
  }

  /** Counts one call and says what befalls it; of several rules that fire, the first one counts. */
  next(call: CallName, isScroll = false): FaultKind | undefined {
    let kind: FaultKind | undefined;
    for (const [index, fault] of this.#faults.entries()) {
      if (fault.call !== "*" && fault.call !== call && !(isScroll && fault.call === SCROLL)) continue;
      if (this.#fires(fault, index, call)) kind ??= fault.kind;
    }
    return kind;
  }

  #fires(fault: Fault, index: number, call: CallName): boolean {
    // A chance is drawn per call name; "the nth" of "*" counts all calls together.
    const counter = "chance" in fault.rate ? `${index}/${call}` : `${index}`;
    const nth = (this.#counts.get(counter) ?? 0) + 1;
    this.#counts.set(counter, nth);
    if ("only" in fault.rate) return nth === fault.rate.only;
    if ("every" in fault.rate) return nth % fault.rate.every === 0;
    return chanceOf(`${this.#seed}/${counter}/${nth}`) < fault.rate.chance;
  }
}

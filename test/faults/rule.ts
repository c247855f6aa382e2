import type { FaultClass } from "./faults.ts";

/** What may be done about an answer that was lost. */
export type CallKind =
  | "read" // may be asked again
  | "page" // a further page of a scroll: asking again would skip it, so the reading starts over
  | "write" // must not happen twice: only a read may say what became of it
  | "token" // may be fetched again
  | "token once"; // a refresh token buys one token: after a lost answer a new one is fetched with the secret

/** A fault meets one call of a pass, or every call of that name until the pass ends. */
export type HowOften = "once" | "always";

/** How a pass ends, and where its items stand then. */
export type Ending =
  | "as if nothing had happened" // exit 0, everything done
  | "in doubt" // exit 0; what was in the lost call is in flight, everything else done
  | "vendor out" // exit 14; everything stands where it stood when the call was made, uncharged
  | "in doubt, vendor out" // exit 14; what was in the lost calls is in flight, everything else as before
  | "adopted, vendor out" // exit 14; what was in the lost calls was found at the vendor and is done
  | "not let in"; // exit 12; everything stands where it stood when the call was made, uncharged

export const EXIT_CODE: Readonly<Record<Ending, number>> = {
  "as if nothing had happened": 0,
  "in doubt": 0,
  "vendor out": 14,
  "in doubt, vendor out": 14,
  "adopted, vendor out": 14,
  "not let in": 12,
};

type Row = Readonly<Record<HowOften, Ending>>;

const PASSES_BY: Row = { once: "as if nothing had happened", always: "vendor out" };
const AT_ONCE_OUT: Row = { once: "vendor out", always: "vendor out" };
const ONE_MORE_TRY: Row = { once: "as if nothing had happened", always: "not let in" };
const NO_MATTER: Row = { once: "as if nothing had happened", always: "as if nothing had happened" };
const NOT_LET_IN: Row = { once: "not let in", always: "not let in" };
const LOOKED_UP: Row = { once: "in doubt", always: "in doubt, vendor out" };

const READ: Readonly<Record<FaultClass, Row>> = {
  undelivered: PASSES_BY,
  throttled: PASSES_BY,
  "throttled for long": AT_ONCE_OUT,
  "lost before": PASSES_BY,
  "lost after": PASSES_BY,
  "token refused": ONE_MORE_TRY,
  "signature refused": ONE_MORE_TRY,
};

/** The rule: how a pass ends when a call of this kind meets a fault of this class. */
export const RULE: Readonly<Record<CallKind, Readonly<Record<FaultClass, Row>>>> = {
  read: READ,
  page: READ,
  write: { ...READ, "lost before": LOOKED_UP, "lost after": LOOKED_UP },
  token: { ...READ, "token refused": NOT_LET_IN },
  "token once": { ...READ, "lost before": NO_MATTER, "lost after": NO_MATTER, "token refused": NO_MATTER },
};

export interface Exception {
  readonly call: string;
  readonly class: FaultClass;
  readonly ending: Partial<Row>;
  readonly because: string;
}

export const EXCEPTIONS: readonly Exception[] = [
  {
    call: "push: create",
    class: "lost after",
    ending: { once: "as if nothing had happened", always: "adopted, vendor out" },
    because: "one look at Lingxing's list at the end of the pass tells what arrived, so nothing waits for the next one",
  },
];

export function endingOf(call: { readonly name: string; readonly kind: CallKind }, fault: FaultClass, how: HowOften): Ending {
  const exception = EXCEPTIONS.find((one) => one.call === call.name && one.class === fault);
  return exception?.ending[how] ?? RULE[call.kind][fault][how];
}

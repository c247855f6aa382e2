import type { Span } from "../../store/server-facts.ts";
import { inWords } from "../../sync/duration.ts";
import { type Finding, fail, pass, warn } from "../finding.ts";

const SEC = 1_000;
/** From here on it is worth a look. */
const WARN_MS = 30 * SEC;
/** Lingxing takes a signature for two minutes; ten seconds are left for the way. */
const FAIL_MS = 110 * SEC;
/** A search at DSCO must end 5 s ago by DSCO's clock; a pull ends it 10 s ago by ours. */
const DSCO_AHEAD_FAIL_MS = 5 * SEC;
const DSCO_AHEAD_WARN_MS = 2 * SEC;

/** Whose clock a pass goes by. */
export type Whose = "the database's clock" | "this host's clock";

/** The surest that can be said of a span: by how much it is off at least; negative: behind. */
function atLeast({ from, to }: Span): number {
  return from > 0 ? from : to < 0 ? to : 0;
}

function inWordsAhead(ms: number): string {
  return `${inWords(ms)} ${ms > 0 ? "ahead" : "behind"}`;
}

const NTP = "timedatectl set-ntp true";

/** `ahead`: of the database's clock before this host's. A pass goes by the database's, so this alone spoils nothing. */
export function judgeDatabaseClock(ahead: Span): Finding {
  const id = "clock.database";
  const ms = -atLeast(ahead);
  if (Math.abs(ms) < WARN_MS) return pass(id, "this host and the database agree");
  return warn(
    id,
    `this host's clock is ${inWordsAhead(ms)} compared with the database's; a run goes by the database's, the logs by this host's`,
    "set the clocks of both by NTP; on each",
    NTP,
  );
}

/** `ahead`: how far the clock we sign with is before Lingxing's. */
export function judgeLingxingClock(ahead: Span, whose: Whose): Finding {
  const id = "clock.lingxing";
  const ms = atLeast(ahead);
  const found = `${whose} is ${inWordsAhead(ms)} compared with Lingxing's`;
  if (Math.abs(ms) >= FAIL_MS) return fail(id, `${found}; a signature is good for two minutes`, remedy(whose), NTP);
  if (Math.abs(ms) >= WARN_MS) return warn(id, `${found}; a signature is good for two minutes`, remedy(whose), NTP);
  return pass(id, `${whose} and Lingxing's agree`);
}

/** `ahead`: how far the clock our searches are bounded by is before DSCO's. */
export function judgeDscoClock(ahead: Span, whose: Whose): Finding {
  const id = "clock.dsco";
  const ms = atLeast(ahead);
  const found = `${whose} is ${inWordsAhead(ms)} compared with DSCO's`;
  if (ms > DSCO_AHEAD_FAIL_MS) return fail(id, `${found}; DSCO refuses every pull whose end is not 5 s past`, remedy(whose), NTP);
  if (ms <= -FAIL_MS) return fail(id, `${found}; orders are seen that much later`, remedy(whose), NTP);
  if (ms > DSCO_AHEAD_WARN_MS) return warn(id, `${found}; from 5 s on DSCO refuses every pull`, remedy(whose), NTP);
  if (ms <= -WARN_MS) return warn(id, `${found}; orders are seen that much later`, remedy(whose), NTP);
  return pass(id, `${whose} and DSCO's agree`);
}

function remedy(whose: Whose): string {
  return whose === "the database's clock"
    ? "set the clock of the database's server by NTP; there, as root"
    : "set this host's clock by NTP; as root";
}

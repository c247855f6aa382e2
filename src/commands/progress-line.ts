import { inWords } from "../sync/duration.ts";
import type { JobName } from "../sync/job-name.ts";
import type { Tally } from "../sync/tally.ts";
import { WIDTH } from "./columns.ts";

/** Where a progress line is shown: standard error. */
export interface Terminal {
  readonly isTTY?: boolean;
  /** 0 or undefined where nobody has said how wide it is. */
  readonly columns?: number;
  write(text: string): unknown;
}

/** A shorter pass is over before anybody wonders. */
const SILENT_MS = 1000;
const EVERY_MS = 250;

const TO_LINE_START_AND_ERASE = "\r\u001b[K";

/** On a terminal, how far a pass has come, on one line that is kept up to date and gone in the end. Elsewhere nothing. */
export function showProgress(job: JobName, tally: Tally, terminal: Terminal, env: NodeJS.ProcessEnv = process.env): Disposable {
  let drawn = false;
  const startedAt = performance.now();
  const draw = () => {
    const elapsedMs = performance.now() - startedAt;
    if (elapsedMs < SILENT_MS) return;
    drawn = true;
    terminal.write(TO_LINE_START_AND_ERASE + progress(job, tally, elapsedMs).slice(0, (terminal.columns || WIDTH) - 1));
  };
  const shown = terminal.isTTY === true && env.TERM !== "dumb";
  const timer = shown ? setInterval(draw, EVERY_MS).unref() : undefined;
  return {
    [Symbol.dispose]() {
      clearInterval(timer);
      if (drawn) terminal.write(TO_LINE_START_AND_ERASE);
    },
  };
}

function progress(job: JobName, tally: Tally, elapsedMs: number): string {
  const { read, done, failed, manual } = tally.counts();
  const person = manual > 0 ? `, ${manual} to a person` : "";
  return `${job}, ${inWords(elapsedMs)}: ${read} read, ${done} done, ${failed} failed${person}`;
}

import type { RecordedRun } from "../store/run-query.ts";
import type { Tone } from "./paint.ts";

/** How a run ended, in words: `0 ok`, `14 vendor`, `died` for one that was killed; `at work` until then. */
export function runEnd({ exit }: Pick<RecordedRun, "exit">): string {
  if (exit === null) return "at work";
  return exit.code === null ? exit.name : `${exit.code} ${exit.name}`;
}

/** Whether its end should catch the eye: what is recorded with its orders less than what kept the job from its work. */
export function endTone({ exit }: Pick<RecordedRun, "exit">): Tone | undefined {
  if (exit === null || exit.name === "ok") return undefined;
  return exit.name === "partial" || exit.name === "deadline" ? "warn" : "alarm";
}

import type { StageStatus } from "../sync/stage.ts";
import type { Tone } from "./paint.ts";

/** The status of a stage as people read it: its number, for filters, and what it means. */
export const STAGE_WORDS: Readonly<Record<StageStatus, string>> = {
  0: "0 waiting",
  1: "1 done",
  2: "2 failed",
  3: "3 PERSON",
  4: "4 not needed",
  9: "9 in flight",
};

/** What of them should catch the eye. */
export const STAGE_TONES: Readonly<Record<StageStatus, Tone>> = { 0: "strong", 1: "good", 2: "warn", 3: "alarm", 4: "faint", 9: "warn" };

import { inWords } from "../sync/duration.ts";
import { ENGLISH } from "../sync/explain-english.ts";
import type { ExplainWords } from "../sync/explain-words.ts";
import type { JobName } from "../sync/job-name.ts";
import type { Stage } from "../sync/stage.ts";

/** What a verdict's steps say, in one language; each leads to the command that stands behind it. */
export interface StepWords {
  readonly explain: ExplainWords;
  readonly startingPoint: string;
  /** A job that ends well, but too seldom. */
  notThrough(job: JobName, agoMs: number | undefined): string;
  readonly byHand: string;
  /** `alike`: further jobs of which the same is true. */
  notStarted(sentence: string, alike: readonly JobName[]): string;
  trouble(sentence: string, alike: readonly JobName[], nextStep: string): string;
  behind(what: { readonly stage: Stage; readonly job: JobName; readonly due: number; readonly ms: number }): string;
  held(count: number): string;
}

/** What the shell says. */
export const ENGLISH_STEPS: StepWords = {
  explain: ENGLISH,
  startingPoint: "Say from when on orders are ours, or the first pull takes all open history since 1970 into the ERP:",
  notThrough: (job, agoMs) => `${job} ${agoMs === undefined ? "has never got through" : `last got through ${inWords(agoMs)} ago`}.`,
  byHand: "by hand:",
  notStarted: (sentence, alike) => `${sentence}${theSame(alike)} See that cron starts ${alike.length === 0 ? "it" : "them"}:`,
  trouble: (sentence, alike, nextStep) => `${sentence}${theSame(alike)} ${nextStep.charAt(0).toUpperCase()}${nextStep.slice(1)}`,
  behind: ({ stage, job, due, ms }) => `${orders(due)} due at ${stage}, the oldest for ${inWords(ms)}, although ${job} runs:`,
  held: (count) => `At least ${orders(count)} held although the task was closed; requeue or close the stage:`,
};

function theSame(alike: readonly JobName[]): string {
  return alike.length === 0 ? "" : ` The same with ${alike.join(", ")}.`;
}

function orders(count: number): string {
  return `${count} order${count === 1 ? "" : "s"}`;
}

import { InvalidArgumentError } from "commander";
import { closest } from "fastest-levenshtein";
import { isJobName, JOB_NAMES, type JobName } from "../sync/job-name.ts";
import { STAGES, type Stage } from "../sync/stage.ts";

// Parsers for arguments and options. What they throw becomes a usage error (2) that names the option and what is allowed.

export function parseJob(text: string): JobName {
  if (isJobName(text)) return text;
  // "push" is nearer to nothing than to the one name it is part of, whatever the distance says.
  const [partOf, another] = JOB_NAMES.filter((name) => name.includes(text.toLowerCase()));
  const meant = partOf !== undefined && another === undefined ? partOf : closest(text, [...JOB_NAMES]);
  throw new InvalidArgumentError(`Did you mean ${meant}? Jobs: ${JOB_NAMES.join(", ")}.`);
}

export function parseStage(text: string): Stage {
  const stage = STAGES.find((name) => name === text);
  if (stage === undefined) throw new InvalidArgumentError(`One of: ${STAGES.join(", ")}.`);
  return stage;
}

export function parseCount(least: number, most: number): (text: string) => number {
  return (text) => {
    const count = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (!(count >= least && count <= most)) throw new InvalidArgumentError(`A whole number from ${least} to ${most}.`);
    return count;
  };
}

export function parseOneOf<T extends number | string>(allowed: readonly T[]): (text: string) => T {
  return (text) => {
    const found = allowed.find((value) => String(value) === text);
    if (found === undefined) throw new InvalidArgumentError(`One of: ${allowed.join(", ")}.`);
    return found;
  };
}

/** RFC 3339 with a zone, or a bare date, which is midnight UTC. */
export function parseTime(text: string): Date {
  const time = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/.test(text)
    ? new Date(text)
    : new Date(Number.NaN);
  // Date takes the 31st of February for the 3rd of March.
  if (Number.isNaN(time.getTime()) || new Date(text.slice(0, 10)).toISOString().slice(0, 10) !== text.slice(0, 10))
    throw new InvalidArgumentError("A time such as 2026-11-22T08:00:00Z, with its zone, or a date.");
  return time;
}

export function parseTraceId(text: string): string {
  if (!/^[\x21-\x7e]{1,64}$/.test(text)) throw new InvalidArgumentError("1 to 64 printable characters without blanks.");
  return text;
}

export function parseReason(text: string): string {
  if (text.trim() === "") throw new InvalidArgumentError("Say why: it is recorded.");
  return text.trim();
}

/** For an option that may be given several times. A flag in the place of the value is a value forgotten, not an id. */
export function collect(value: string, before: readonly string[] | undefined): string[] {
  if (value.startsWith("-")) throw new InvalidArgumentError("It needs a value of its own.");
  return [...(before ?? []), value];
}

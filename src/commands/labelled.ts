import { padded, printable, WIDTH, wrapColumns } from "./columns.ts";
import type { Paint, Tone } from "./paint.ts";

/** The column of labels. */
export const GUTTER = 10;

/** A text beside its label, wrapped; the lines after the first stand below it. */
export function labelled(label: string, text: string, paint: Paint, tone?: Tone): string[] {
  return labelledLines(label, wrapColumns(printable(text), WIDTH - GUTTER), paint, tone);
}

/** Lines that are wrapped already, beside their label. */
export function labelledLines(label: string, lines: readonly string[], paint: Paint, tone?: Tone): string[] {
  return lines.map(
    (line, index) => paint.faint(padded(index === 0 ? label : "", GUTTER)) + (tone === undefined ? line : paint[tone](line)),
  );
}

import { paintFor } from "./paint.ts";
import { type Cell, type Row, toColumns, toTable } from "./table.ts";
import { terminalText } from "./terminal-text.ts";

/** One JSON document on stdout. */
export function printJson(document: unknown): void {
  process.stdout.write(`${JSON.stringify(document)}\n`);
}

export function printLine(text: string): void {
  process.stdout.write(`${terminalText(text)}\n`);
}

/** A table with borders that fits 80 columns. */
export function printTable(head: readonly string[], rows: readonly (readonly Cell[])[]): void {
  process.stdout.write(`${toTable(head, rows, paintFor(process.stdout))}\n`);
}

/** Columns without borders that fit 80 columns, for lists of many rows. */
export function printColumns(head: readonly string[], rows: readonly Row[]): void {
  process.stdout.write(`${toColumns(head, rows, paintFor(process.stdout))}\n`);
}

/** `2026-11-22 18:04:05` UTC: short enough for a table. */
export function shortTime(time: Date | null | undefined): string {
  return time === null || time === undefined ? "" : time.toISOString().slice(0, 19).replace("T", " ");
}

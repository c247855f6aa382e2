import Table from "cli-table3";
import { terminalText } from "./terminal-text.ts";

/** One JSON document on stdout. */
export function printJson(document: unknown): void {
  process.stdout.write(`${JSON.stringify(document)}\n`);
}

export function printLine(text: string): void {
  process.stdout.write(`${terminalText(text)}\n`);
}

/** A table; coloured heads only on a terminal. Columns are as wide as their content, Chinese text counted as wide as it is. */
export function printTable(head: readonly string[], rows: readonly (readonly (string | number | null | undefined)[])[]): void {
  const table = new Table({ head: [...head], style: process.stdout.isTTY ? { head: ["cyan"], border: [] } : { head: [], border: [] } });
  for (const row of rows) table.push(row.map((cell) => (cell === null || cell === undefined ? "" : terminalText(String(cell)))));
  process.stdout.write(`${table.toString()}\n`);
}

/** `2026-11-22 18:04:05` UTC: short enough for a table. */
export function shortTime(time: Date | null | undefined): string {
  return time === null || time === undefined ? "" : time.toISOString().slice(0, 19).replace("T", " ");
}

import Table from "cli-table3";
import stringWidth from "string-width";
import { padded, piecesOf, WIDTH, wrapColumns } from "./columns.ts";
import type { Paint, Tone } from "./paint.ts";
import { terminalText } from "./terminal-text.ts";

type Value = string | number | null | undefined;
/** A tone colours the value where there is colour. */
export type Cell = Value | { readonly value: Value; readonly tone: Tone | undefined };

export interface Row {
  readonly cells: readonly Cell[];
  /** Stand below the row, indented, each from a line of its own. */
  readonly notes?: readonly string[];
}

/** Blanks between columns without borders. */
const GAP = 2;
const INDENT = 10;

/** A table with borders, for rows of several lines. Cells wrap so that it fits a terminal, whatever is in them; nothing is cut. */
export function toTable(head: readonly string[], rows: readonly (readonly Cell[])[], paint: Paint): string {
  const borders = 3 * head.length + 1;
  const widths = fitWidths([head, ...rows], WIDTH - borders);
  const table = new Table({
    head: wrapCells(head, widths).map((lines) => lines.map(paint.strong).join("\n")),
    style: { head: [], border: [] },
  });
  for (const cells of rows) {
    table.push(wrapCells(cells, widths).map((lines, column) => lines.map((line) => toned(line, cells[column], paint)).join("\n")));
  }
  return table.toString();
}

/** Columns without borders, for many short rows; numbers at the right of theirs. As toTable, cells wrap and nothing is cut. */
export function toColumns(head: readonly string[], rows: readonly Row[], paint: Paint): string {
  const content = rows.map(({ cells }) => cells);
  const widths = fitWidths([head, ...content], WIDTH - GAP * (head.length - 1));
  const aligns = alignments(content, head.length);
  const lines = (cells: readonly Cell[], tone: (text: string, column: number) => string) => {
    const wrapped = wrapCells(cells, widths);
    const height = Math.max(...wrapped.map((column) => column.length));
    return Array.from({ length: height }, (_, at) =>
      wrapped
        .map((column, index) => {
          const text = column[at] ?? "";
          const rest = " ".repeat(Math.max(0, (widths[index] ?? 0) - stringWidth(text)));
          return aligns[index] === "right" ? rest + tone(text, index) : tone(text, index) + rest;
        })
        .join(" ".repeat(GAP))
        .trimEnd(),
    );
  };
  return [
    ...lines(head, paint.faint),
    ...rows.flatMap(({ cells, notes = [] }) => [
      ...lines(cells, (text, column) => toned(text, cells[column], paint)),
      ...notes.flatMap((note) => wrapColumns(terminalText(note), WIDTH - INDENT).map((line) => padded("", INDENT) + line)),
    ]),
  ].join("\n");
}

/**
 * How wide each column may be so that they take no more than `room`. Where not all fit as they are, long texts wrap between words first;
 * words are broken only where even that does not do, the longest first.
 */
export function fitWidths(rows: readonly (readonly Cell[])[], room: number): number[] {
  const columns = Math.max(...rows.map((cells) => cells.length));
  const texts = Array.from({ length: columns }, (_, column) => rows.map((cells) => textOf(cells[column])));
  const natural = texts.map((column) => longest(column.flatMap((text) => text.split("\n"))));
  if (sum(natural) <= room) return natural;
  const least = texts.map((column) => longest(column.flatMap(piecesOf)));
  if (sum(least) > room) return share(room, least);
  const more = share(
    room - sum(least),
    natural.map((width, column) => width - (least[column] ?? 0)),
  );
  return least.map((width, column) => width + (more[column] ?? 0));
}

/** Everybody gets the same, the modest no more than they want and the others what that leaves. */
function share(room: number, wants: readonly number[]): number[] {
  const given = wants.map(() => 0);
  let left = room;
  const modestFirst = wants.map((want, index) => ({ want, index })).sort((a, b) => a.want - b.want);
  for (const [served, { want, index }] of modestFirst.entries()) {
    given[index] = Math.min(want, Math.floor(left / (wants.length - served)));
    left -= given[index] ?? 0;
  }
  return given;
}

function wrapCells(cells: readonly Cell[], widths: readonly number[]): string[][] {
  return widths.map((width, column) =>
    textOf(cells[column])
      .split("\n")
      .flatMap((line) => wrapColumns(line, width)),
  );
}

function textOf(cell: Cell): string {
  const value = plainOf(cell);
  return value === null || value === undefined ? "" : terminalText(String(value));
}

function plainOf(cell: Cell): Value {
  return typeof cell === "object" && cell !== null ? cell.value : cell;
}

function toned(text: string, cell: Cell, paint: Paint): string {
  return typeof cell === "object" && cell?.tone !== undefined ? paint[cell.tone](text) : text;
}

function alignments(rows: readonly (readonly Cell[])[], columns: number): ("left" | "right")[] {
  return Array.from({ length: columns }, (_, column) =>
    rows.some((cells) => typeof plainOf(cells[column]) === "number") ? "right" : "left",
  );
}

function longest(texts: readonly string[]): number {
  return texts.reduce((width, text) => Math.max(width, stringWidth(text)), 0);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, number) => all + number, 0);
}

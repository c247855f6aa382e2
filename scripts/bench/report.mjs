// The figures as people read them: on the terminal, and as docs/performance.md.
import { passes } from "./figure.mjs";

/** @typedef {import("./figure.mjs").Section} Section */
/** @typedef {{ machine: import("./machine.mjs").Machine, full: boolean, measured_at: string, seconds: number, sections: Section[] }} Results */

/** @param {Section} section */
export function toText({ title, about, columns, rows, checks }) {
  return [`\n${title}`, about, "", aligned([columns, ...rows]), ...(checks.length === 0 ? [] : ["", aligned(checks.map(checkRow))])].join(
    "\n",
  );
}

/** @param {Results} results */
export function toMarkdown({ machine, full, measured_at, seconds, sections }) {
  const over = sections.flatMap(({ checks }) => checks.filter((check) => !passes(check)));
  return `${[
    "# Performance",
    "<!-- written by `npm run bench`; do not edit by hand -->",
    `How fast ipass is, and how that is measured. Repeat it with \`npm run bench${full ? " -- --full" : ""}\`; ${full ? "the short form, `npm run bench`, takes at most ten minutes" : "`npm run bench -- --full` has the large sizes"}. It needs nothing but Node and a database server it can start, uses a private database and a sandbox in a process of its own, and writes this page and \`performance.json\` beside it.`,
    over.length === 0 ? "All budgets are kept." : `**Over budget: ${over.map(({ name }) => name).join("; ")}.**`,
    "## The machine",
    markdownTable(
      ["", ""],
      Object.entries({ ...machine, measured_at, took: `${seconds} s` }).map(([name, value]) => [name.replaceAll("_", " "), value]),
    ),
    `The load at the start tells what else went on: on a machine that is busy, wall times say little, CPU times more, requests and statements are always right.`,
    ...sections.flatMap(({ title, about, columns, rows, checks }) => [
      `## ${title}`,
      about,
      markdownTable(columns, rows),
      ...(checks.length === 0 ? [] : [markdownTable(["budget", "measured", "at most", ""], checks.map(checkRow))]),
    ]),
  ].join("\n\n")}\n`;
}

/** @param {import("./figure.mjs").Figure} check */
function checkRow(check) {
  const { name, value, unit, budget } = check;
  return [name, `${value} ${unit}`, `${budget ?? ""} ${unit}`, passes(check) ? "pass" : "over"];
}

/**
 * @param {readonly string[]} columns
 * @param {readonly (readonly (string | number)[])[]} rows
 */
function markdownTable(columns, rows) {
  const line = (/** @type {readonly (string | number)[]} */ cells) =>
    `| ${cells.map((cell) => String(cell).replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(columns), line(columns.map((_, index) => (index === 0 ? "---" : "---:"))), ...rows.map(line)].join("\n");
}

/** @param {readonly (readonly (string | number)[])[]} rows */
function aligned(rows) {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => String(row[column] ?? "").length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          typeof cell === "number" ? String(cell).padStart(widths[column] ?? 0) : String(cell).padEnd(widths[column] ?? 0),
        )
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

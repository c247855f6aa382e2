import fc from "fast-check";
import stringWidth from "string-width";
import { describe, expect, it } from "vitest";
import { PLAIN } from "../../src/commands/paint.ts";
import { fitWidths, toColumns, toTable } from "../../src/commands/table.ts";

const widest = (text: string) => Math.max(...text.split("\n").map((line) => stringWidth(line)));
/** What is left when layout is taken away: the letters, in whatever order lines and columns put them. */
const letters = (text: string) => [...text.replace(/[\s─│┌┐└┘├┤┬┴┼]/g, "")].sort().join("");

describe("fitWidths", () => {
  it.each([
    { name: "leaves alone what fits", rows: [["ab", "abc"]], room: 10, widths: [2, 3] },
    {
      name: "wraps the text that has blanks, and leaves ids whole",
      rows: [["1200000001", "one two three four"]],
      room: 16,
      widths: [10, 6],
    },
    {
      name: "gives the modest what they want and the long texts the rest",
      rows: [["a b", "c d e f g h", "x".repeat(5)]],
      room: 14,
      widths: [3, 6, 5],
    },
    { name: "wraps Chinese anywhere", rows: [["收件人地址无效", "1200000001"]], room: 16, widths: [6, 10] },
    { name: "breaks the longest word when words alone are too long", rows: [["x".repeat(40), "y".repeat(6)]], room: 20, widths: [14, 6] },
    { name: "counts lines of a cell apart", rows: [["abc\nde"]], room: 3, widths: [3] },
  ])("$name", ({ rows, room, widths }) => expect(fitWidths(rows, room)).toEqual(widths));
});

describe("toColumns", () => {
  it("puts numbers at the right, wraps within a column, and notes below their row", () => {
    const text = toColumns(
      ["job", "done"],
      [{ cells: ["pull", 7], notes: ["why: the database is away"] }, { cells: ["push", 12_345] }],
      PLAIN,
    );
    expect(text.split("\n")).toEqual(["job    done", "pull      7", "          why: the database is away", "push  12345"]);
  });

  it("colours a cell on each of its lines, and only where there is colour", () => {
    const paint = { ...PLAIN, alarm: (text: string) => `<${text}>` };
    const rows = [{ cells: [{ value: "no such address 收件人地址无效".repeat(3), tone: "alarm" as const }, "1".repeat(20)] }];
    expect(toColumns(["why", "id"], rows, paint).match(/<[^<>]+>/g)?.length).toBeGreaterThan(1);
    expect(toColumns(["why", "id"], rows, PLAIN)).not.toContain("<");
  });
});

describe("whatever is in it", () => {
  const cell = fc.oneof(
    fc.string({ maxLength: 90 }),
    fc.string({ unit: fc.constantFrom(..."收件人地址无效，请联系零售商。 aZ9-_"), maxLength: 90 }),
    fc.integer(),
    fc.constant(null),
  );
  const rows = fc
    .integer({ min: 1, max: 8 })
    .chain((columns) => fc.array(fc.array(cell, { minLength: columns, maxLength: columns }), { minLength: 1, maxLength: 5 }));

  it.each([
    { name: "a table", draw: (cells: (string | number | null)[][], head: string[]) => toTable(head, cells, PLAIN) },
    {
      name: "columns",
      draw: (cells: (string | number | null)[][], head: string[]) =>
        toColumns(
          head,
          cells.map((row) => ({ cells: row })),
          PLAIN,
        ),
    },
  ])("$name fits 80 columns and loses nothing", ({ draw }) => {
    fc.assert(
      fc.property(rows, (cells) => {
        const head = (cells[0] ?? []).map((_, column) => `column ${column}`);
        const text = draw(cells, head);
        expect(widest(text)).toBeLessThanOrEqual(80);
        expect(letters(text)).toBe(letters([...head, ...cells.flat().map((value) => value ?? "")].join("")));
      }),
    );
  });
});

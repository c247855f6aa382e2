import { spawnSync } from "node:child_process";
import stringWidth from "string-width";
import { describe, expect, it } from "vitest";
import { printable, wrapColumns, wrapCommand, wrapFacts } from "../../src/commands/columns.ts";

describe("wrapColumns", () => {
  it.each([
    { name: "breaks at blanks", text: "one two  three", width: 8, lines: ["one two", "three"] },
    { name: "keeps what just fits", text: "1234 678", width: 8, lines: ["1234 678"] },
    { name: "breaks Chinese anywhere, by its width", text: "收件人地址无效", width: 8, lines: ["收件人地", "址无效"] },
    { name: "keeps Latin words among Chinese whole", text: "编号SKU-1不存在", width: 9, lines: ["编号SKU-1", "不存在"] },
    { name: "cuts a word only when it alone is too long", text: "a 1234567890", width: 5, lines: ["a", "12345", "67890"] },
    { name: "makes one line of nothing", text: "", width: 5, lines: [""] },
  ])("$name", ({ text, width, lines }) => expect(wrapColumns(text, width)).toEqual(lines));
});

describe("wrapFacts", () => {
  it("keeps each fact on one line where it fits", () => {
    expect(wrapFacts(["invoice 1", "total 2.10", "request 123456"], 22)).toEqual(["invoice 1; total 2.10;", "request 123456"]);
  });
});

describe("wrapCommand", () => {
  it("leaves a short one alone", () => expect(wrapCommand("ipass status", 40)).toEqual(["ipass status"]));

  it.each([
    `printf '%s|' order-state done 1200000000000000000001 --stage invoice --reason "see task 12345678"`,
    `printf '%s|' a && printf '%s|' "b c"`,
    String.raw`printf '%s|' explain 'it'\''s"odd"$(id);' --reason "see task 12345678"`,
  ])("breaks %s so that a shell still reads it as one", (command) => {
    const lines = wrapCommand(command, 40);
    expect(lines.length).toBeGreaterThan(1);
    const said = (text: string) => spawnSync("sh", ["-c", text], { encoding: "utf8" }).stdout;
    expect(said(lines.join("\n"))).toBe(said(command));
    expect(Math.max(...lines.map((line) => stringWidth(line)))).toBeLessThanOrEqual(40);
  });

  it("breaks SQL without a backslash", () => {
    expect(wrapCommand("SELECT payload FROM t WHERE id = 'noid:0123456789'", 26)).toEqual([
      "SELECT payload FROM t",
      "  WHERE id =",
      "  'noid:0123456789'",
    ]);
  });
});

describe("printable", () => {
  it("lets nothing through that moves the cursor, clears the screen or turns the writing round", () => {
    expect(printable("a\u001b[2Jb\r\nc\u202ed\t e")).toBe("a [2Jb c d e");
  });
});

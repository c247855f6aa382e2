import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { shellWord } from "../../src/sync/shell-word.ts";

describe("shellWord", () => {
  it.each([
    { text: "1200000001", word: "1200000001" },
    { text: "PO-77_001/a.b:c", word: "PO-77_001/a.b:c" },
    { text: "noid:%", word: "noid:%" },
    { text: "a;rm", word: "'a;rm'" },
    { text: "$(id)", word: "'$(id)'" },
    { text: "`id`", word: "'`id`'" },
    { text: "it's", word: "'it'\\''s'" },
    { text: 'say"so"', word: "'say\"so\"'" },
    { text: "~root", word: "'~root'" },
    { text: "订单", word: "'订单'" },
    { text: "", word: "''" },
  ])("$text is $word", ({ text, word }) => {
    expect(shellWord(text)).toBe(word);
  });

  it("comes out of a shell as it went in", () => {
    const printable = fc.string({ unit: fc.constantFrom(..."ab1'\"`$(){}[]<>|&;!*?~#=\\-%^ \n\té订"), maxLength: 12 });
    fc.assert(
      fc.property(fc.array(printable, { minLength: 20, maxLength: 20 }), (texts) => {
        const { stdout } = spawnSync("/bin/sh", ["-c", `printf '%s\\0' ${texts.map(shellWord).join(" ")}`], { encoding: "utf8" });
        expect(stdout.split("\0").slice(0, -1)).toEqual(texts);
      }),
      { numRuns: 20 },
    );
  });
});

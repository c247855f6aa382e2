import { describe, expect, it } from "vitest";
import { CHINESE_PAGE } from "../../../src/admin/page/chinese.ts";
import { ENGLISH_PAGE } from "../../../src/admin/page/english.ts";
import { EXIT } from "../../../src/exit-codes.ts";

type Tree = Readonly<Record<string, unknown>>;

/** Every text of a language by its path; what takes arguments is given some that can be told apart in what it says. */
function textsOf(tree: Tree, path = ""): Map<string, string> {
  const texts = new Map<string, string>();
  for (const [key, value] of Object.entries(tree)) {
    const at = path === "" ? key : `${path}.${key}`;
    if (["explain", "recorded", "steps", "listed"].includes(at)) continue; // the first three have tests of their own; the last joins what it is given
    if (typeof value === "string") texts.set(at, value);
    else if (typeof value === "function") texts.set(at, String((value as (...args: unknown[]) => unknown)("3", "4", "5")));
    else for (const [inner, text] of textsOf(value as Tree, at)) texts.set(inner, text);
  }
  return texts;
}

const english = textsOf(ENGLISH_PAGE);
const chinese = textsOf(CHINESE_PAGE);
/** Names that are the same in every language, and what is no sentence. */
const NAMES = /^(lang|name|number|orders\.dsco|(order|runs)\.trace|notice\.trace|staged|exitWithCode)$/;

describe("the page's words", () => {
  it("are the same texts in both languages", () => {
    expect([...chinese.keys()].sort()).toEqual([...english.keys()].sort());
    expect(english.size).toBeGreaterThan(200);
  });

  it("are never empty", () => {
    const empty = [...english, ...chinese].filter(([, text]) => text.trim() === "");
    expect(empty).toEqual([]);
  });

  it("are Chinese in Chinese, and not in English", () => {
    const left = [...chinese].filter(([path, text]) => !NAMES.test(path) && !/\p{Script=Han}/u.test(text));
    expect(left.filter(([path]) => !path.startsWith("stageMeaning"))).toEqual([]);
    expect([...english].filter(([, text]) => /\p{Script=Han}/u.test(text))).toEqual([]);
  });

  it("lose no figure on the way into Chinese", () => {
    const lost = [...english].filter(([path, text]) => {
      const told = chinese.get(path) ?? "";
      return ["3", "4", "5"].some((figure) => new RegExp(`(?<!\\d)${figure}(?!\\d)`).test(text) && !told.includes(figure));
    });
    expect(lost).toEqual([]);
  });

  it("know every exit", () => {
    for (const words of [ENGLISH_PAGE, CHINESE_PAGE]) expect(Object.keys(words.exit).sort()).toEqual([...Object.keys(EXIT), "died"].sort());
  });
});

import { expect, it } from "vitest";
import { chooseLanguage } from "../../../src/admin/page/language.ts";

it.each([
  { name: "what was chosen, over the browser's wish", chosen: "en", wishes: "zh-CN,zh;q=0.9", expected: "en" },
  { name: "the browser's first wish", chosen: undefined, wishes: "zh-CN,zh;q=0.9,en;q=0.8", expected: "zh" },
  { name: "by its weight, not by its place", chosen: undefined, wishes: "en;q=0.5, zh-TW;q=0.7", expected: "zh" },
  { name: "the best of those we speak", chosen: undefined, wishes: "fr, de;q=0.9, zh;q=0.1", expected: "zh" },
  { name: "none that is refused", chosen: undefined, wishes: "zh;q=0, fr", expected: "en" },
  { name: "English where nothing is wished", chosen: undefined, wishes: undefined, expected: "en" },
  { name: "English for what we do not speak", chosen: undefined, wishes: "fr-FR, *;q=0.5", expected: "en" },
  { name: "nothing of what was forged", chosen: "xx", wishes: "zh", expected: "zh" },
  { name: "nothing of rubbish", chosen: undefined, wishes: ";;q=,zz;q=x,,", expected: "en" },
  { name: "a weight that cannot be read as none", chosen: undefined, wishes: "en;q=0.5,zh;q=x", expected: "zh" },
])("takes $name", ({ chosen, wishes, expected }) => {
  expect(chooseLanguage(chosen, wishes)).toBe(expected);
});

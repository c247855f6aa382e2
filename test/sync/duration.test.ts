import { expect, it } from "vitest";
import { clockTime, inWords } from "../../src/sync/duration.ts";

it.each([
  { sec: 0, words: "0 s" },
  { sec: -45, words: "45 s" },
  { sec: 119, words: "119 s" },
  { sec: 120, words: "2 min" },
  { sec: 3569, words: "59 min" },
  { sec: 3599, words: "1 h" },
  { sec: 3600, words: "1 h" },
  { sec: 12_000, words: "3 h 20 min" },
  { sec: 86_399, words: "24 h" },
  { sec: 86_400, words: "1 d" },
  { sec: 86_400 * 2 + 4 * 3600 + 1800, words: "2 d 5 h" },
])("says $sec seconds as $words", ({ sec, words }) => expect(inWords(sec * 1000)).toBe(words));

it("says them in other languages", () => {
  const chinese = { sec: "秒", min: "分钟", hour: "小时", day: "天" };
  expect([45, 300, 12_000, 200_000].map((sec) => inWords(sec * 1000, chinese))).toEqual([
    "45 秒",
    "5 分钟",
    "3 小时 20 分钟",
    "2 天 8 小时",
  ]);
});

it("names the day of a time where it is not today's", () => {
  const now = new Date("2026-01-05T23:59:00Z");
  expect(clockTime(new Date("2026-01-05T00:00:01Z"), now)).toBe("00:00:01 UTC");
  expect(clockTime(new Date("2026-01-06T00:00:00Z"), now)).toBe("2026-01-06 00:00:00 UTC");
});

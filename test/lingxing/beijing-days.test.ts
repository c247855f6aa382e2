import { afterEach, describe, expect, it } from "vitest";
import { beijingDaySpans } from "../../src/lingxing/beijing-days.ts";

const zone = process.env.TZ;
afterEach(() => {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
});

const spans = (from: string, to: string, days = 30) =>
  beijingDaySpans(new Date(from), new Date(to), days).map((span) => [span.from, span.to]);

describe("beijingDaySpans", () => {
  it.each(["Asia/Shanghai", "America/New_York", "UTC"])("goes by days in Beijing on a host in %s", (tz) => {
    process.env.TZ = tz;
    expect(spans("2025-11-19T15:59:59Z", "2025-11-20T16:00:00Z")).toEqual([["2025-11-19", "2025-11-21"]]);
    expect(spans("2026-03-08T06:30:00Z", "2026-03-08T07:30:00Z")).toEqual([["2026-03-08", "2026-03-08"]]); // New York's clocks jump
  });

  it.each<[string, string, number, string[][]]>([
    ["2025-11-01T00:00:00Z", "2025-11-01T00:00:00Z", 30, [["2025-11-01", "2025-11-01"]]],
    ["2025-11-01T00:00:00Z", "2025-11-30T00:00:00Z", 30, [["2025-11-01", "2025-11-30"]]],
    [
      "2025-11-01T00:00:00Z",
      "2025-12-01T00:00:00Z",
      30,
      [
        ["2025-11-01", "2025-11-30"],
        ["2025-11-30", "2025-12-01"],
      ],
    ],
    [
      "2025-12-30T00:00:00Z",
      "2026-01-03T00:00:00Z",
      3,
      [
        ["2025-12-30", "2026-01-01"],
        ["2026-01-01", "2026-01-03"],
      ],
    ],
    ["2025-11-02T00:00:00Z", "2025-11-01T00:00:00Z", 30, []],
  ])("%s to %s by %i", (from, to, days, expected) => {
    expect(spans(from, to, days)).toEqual(expected);
  });

  it("covers 90 days without a gap, each span within 30", () => {
    const all = spans("2025-09-01T00:00:00Z", "2025-11-29T00:00:00Z");
    expect(all[0]?.[0]).toBe("2025-09-01");
    expect(all.at(-1)?.[1]).toBe("2025-11-29");
    for (const [at, [from = "", to = ""]] of all.entries()) {
      expect((Date.parse(to) - Date.parse(from)) / 86_400_000).toBeLessThan(30);
      if (at > 0) expect(from).toBe(all[at - 1]?.[1]);
    }
  });
});

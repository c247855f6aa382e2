import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { beijingDay, beijingToUtc } from "../../src/sync/beijing-time.ts";

const hostZone = process.env.TZ;
afterEach(() => setZone(hostZone));

function setZone(zone: string | undefined): void {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
}

describe("beijingToUtc", () => {
  it.each([
    { name: "is eight hours behind", text: "2025-11-22 02:30:00", utc: "2025-11-21T18:30:00.000Z" },
    { name: "keeps the day in the afternoon", text: "2025-11-21 18:30:00", utc: "2025-11-21T10:30:00.000Z" },
    { name: "goes back over a year's end", text: "2026-01-01 07:59:59", utc: "2025-12-31T23:59:59.000Z" },
    { name: "knows leap days", text: "2028-02-29 08:00:00", utc: "2028-02-29T00:00:00.000Z" },
    { name: "takes blanks around it", text: "  2025-11-22 02:30:00\n", utc: "2025-11-21T18:30:00.000Z" },
  ])("$name: $text", ({ text, utc }) => {
    expect(beijingToUtc(text)).toEqual({ ok: true, time: new Date(utc) });
  });

  it.each(["", "   ", "0000-00-00 00:00:00", "0000-00-00", "1970-01-01 08:00:00", "1970-01-01 00:00:00"])("is not yet: %j", (text) => {
    expect(beijingToUtc(text)).toEqual({ ok: false, why: "empty" });
  });

  it.each([
    "yesterday",
    "2025-11-22",
    "2025-11-22 02:30",
    "2025-11-22T02:30:00Z",
    "2025-11-22 02:30:00+08:00",
    "22/11/2025 02:30:00",
    "2025-02-30 02:30:00",
    "2025-13-01 02:30:00",
    "2025-11-22 24:00:00",
    "2025-11-22 23:60:00",
    "1763749800",
    "-",
  ])("cannot be read: %j", (text) => {
    expect(beijingToUtc(text)).toEqual({ ok: false, why: "unreadable" });
  });
});

describe("beijingDay", () => {
  it.each([
    { utc: "2025-11-21T15:59:59.999Z", day: "2025-11-21" },
    { utc: "2025-11-21T16:00:00.000Z", day: "2025-11-22" },
    { utc: "2025-12-31T16:00:00.000Z", day: "2026-01-01" },
  ])("of $utc is $day", ({ utc, day }) => {
    expect(beijingDay(new Date(utc))).toBe(day);
  });
});

/** On these days clocks are put forward or back in one of the zones; 02:30 does not exist on some of them. */
const CHANGES = ["2025-03-09", "2025-03-30", "2025-10-26", "2025-11-02"];

describe.each(["America/New_York", "Europe/Berlin", "Pacific/Kiritimati", "UTC"])("on a host in %s", (zone) => {
  it("reads the same instants, also on the days its clocks change", () => {
    setZone(zone);
    const januaryOffset = new Date("2025-01-15T00:00:00Z").getTimezoneOffset();
    expect(januaryOffset).toBe({ "America/New_York": 300, "Europe/Berlin": -60, "Pacific/Kiritimati": -840, UTC: 0 }[zone]);
    for (const day of CHANGES) {
      for (let hour = 0; hour < 24; hour++) {
        const text = `${day} ${String(hour).padStart(2, "0")}:30:00`;
        const [year = 0, month = 0, date = 0] = day.split("-").map(Number);
        const expected = Date.UTC(year, month - 1, date, hour - 8, 30);
        expect(beijingToUtc(text)).toEqual({ ok: true, time: new Date(expected) });
        expect(beijingDay(new Date(expected))).toBe(day);
      }
    }
  });
});

it("reads back every instant it writes, whatever the host's zone", () => {
  const zones = fc.constantFrom("America/New_York", "Europe/Berlin", "Asia/Shanghai", "Australia/Lord_Howe");
  const seconds = fc.integer({ min: 1_000_000_000, max: 4_000_000_000 });
  fc.assert(
    fc.property(zones, seconds, (zone, second) => {
      setZone(zone);
      const time = new Date(second * 1000);
      const clock = new Date(time.getTime() + 8 * 3600_000).toISOString().slice(11, 19);
      expect(beijingToUtc(`${beijingDay(time)} ${clock}`)).toEqual({ ok: true, time });
    }),
  );
});

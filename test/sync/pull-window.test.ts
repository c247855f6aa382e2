import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { halveSlice, nextSlice, pullWindow, type Window } from "../../src/sync/pull-window.ts";

const at = (text: string) => new Date(`2026-01-${text}Z`);
const HOUR = 3600_000;

describe("pullWindow", () => {
  it.each([
    { name: "overlaps the watermark", since: "05T07:00:00", now: "05T07:01:00", from: "05T06:55:00" },
    { name: "reaches back a day when the six hours change", since: "05T11:59:30", now: "05T12:00:30", from: "04T11:59:30" },
    { name: "not yet a second before", since: "05T11:59:00", now: "05T12:00:09", from: "05T11:54:00" },
    { name: "and not again right after", since: "05T12:00:20", now: "05T12:01:20", from: "05T11:55:20" },
    { name: "after a long pause: the pause and a day", since: "02T00:00:00", now: "05T07:00:00", from: "01T00:00:00" },
    { name: "a watermark ahead of until, by less than the lag", since: "05T07:00:55", now: "05T07:01:00", from: "05T06:55:50" },
  ])("$name", ({ since, now, from }) => {
    const window = pullWindow(at(since), at(now), 300);
    expect(window).toEqual({ since: at(from), until: new Date(at(now).getTime() - 10_000) });
  });

  it("takes a longer overlap than a day at its word", () => {
    expect(pullWindow(at("05T11:59:30"), at("05T12:00:30"), 2 * 86_400).since).toEqual(at("03T11:59:30"));
  });

  it("never begins before time itself", () => {
    expect(pullWindow(new Date(0), at("05T07:00:00"), 300).since).toEqual(new Date(0));
  });

  it("has an order that became visible ten hours late inside one of the windows, whenever the passes run", () => {
    const changed = at("05T03:17:00");
    fc.assert(
      fc.property(fc.integer({ min: 60_000, max: 3 * HOUR }), fc.nat(6 * HOUR), (interval, phase) => {
        const visible = changed.getTime() + 10 * HOUR;
        let watermark = new Date(changed.getTime() - 12 * HOUR - phase);
        for (let now = watermark.getTime() + interval; now < visible + 8 * HOUR; now += interval) {
          const window = pullWindow(watermark, new Date(now), 300);
          if (now >= visible && window.since < changed && changed <= window.until) return true;
          watermark = window.until;
        }
        return false;
      }),
    );
  });

  it("leaves no gap after the watermark and stays behind the clock", () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: at("05T00:00:00"), noInvalidDate: true }), fc.nat(30 * 24 * HOUR), (since, later) => {
        const now = new Date(since.getTime() + later);
        const window = pullWindow(since, now, 300);
        return window.since <= since && window.until.getTime() === now.getTime() - 10_000;
      }),
    );
  });
});

const DAY: Window = { since: at("05T00:00:00"), until: at("06T00:00:00") };

describe("nextSlice", () => {
  it.each([
    { name: "the whole, when nothing is remembered", sliceMs: undefined, until: DAY.until },
    { name: "the remembered length", sliceMs: HOUR, until: at("05T01:00:00") },
    { name: "the whole, when the length is longer", sliceMs: 25 * HOUR, until: DAY.until },
    { name: "the whole, when it fits exactly", sliceMs: 24 * HOUR, until: DAY.until },
  ])("is $name", ({ sliceMs, until }) => {
    expect(nextSlice(DAY, sliceMs)).toEqual({ since: DAY.since, until });
  });

  it("walks a window end to end without gap or overhang", () => {
    fc.assert(
      fc.property(fc.integer({ min: 60_000, max: 48 * HOUR }), (sliceMs) => {
        let since = DAY.since;
        for (let slices = 0; since < DAY.until; slices++) {
          const slice = nextSlice({ since, until: DAY.until }, sliceMs);
          expect(slice.since).toEqual(since);
          expect(slice.until > since && slice.until <= DAY.until && slices < 1500).toBe(true);
          since = slice.until;
        }
        expect(since).toEqual(DAY.until);
      }),
      { numRuns: 20 },
    );
  });
});

describe("halveSlice", () => {
  it.each([
    { name: "a day", slice: DAY, half: 12 * HOUR },
    { name: "two minutes", slice: { since: at("05T00:00:00"), until: at("05T00:02:00") }, half: 60_000 },
    { name: "less than two minutes", slice: { since: at("05T00:00:00"), until: at("05T00:01:59") }, half: undefined },
    { name: "nothing", slice: { since: at("05T00:00:00"), until: at("05T00:00:00") }, half: undefined },
  ])("of $name", ({ slice, half }) => {
    expect(halveSlice(slice)).toBe(half);
  });

  it("comes to an end, even for everything since 1970", () => {
    let window: Window = { since: new Date(0), until: at("05T00:00:00") };
    let halvings = 0;
    for (let half = halveSlice(window); half !== undefined; half = halveSlice(window), halvings++) window = nextSlice(window, half);
    expect(halvings).toBe(24);
    expect(window.until.getTime() - window.since.getTime()).toBeLessThan(2 * 60_000);
  });
});

import { describe, expect, it } from "vitest";
import { judgeDatabaseClock, judgeDscoClock, judgeLingxingClock } from "../../src/doctor/judge/clocks.ts";

/** A clock that is ahead by between so many seconds. */
const ahead = (from: number, to = from) => ({ from: from * 1000, to: to * 1000 });

it.each([
  [ahead(0), "pass"],
  [ahead(29.9), "pass"],
  [ahead(30), "warn"],
  [ahead(-3600), "warn"], // a run goes by the database's clock: it spoils nothing
  [ahead(-40, 40), "pass"],
])("the database's clock %j ahead of ours: %s", (span, status) => {
  expect(judgeDatabaseClock(span)).toMatchObject({ id: "clock.database", status });
});

describe("Lingxing's clock", () => {
  it.each([
    [ahead(0), "pass"],
    [ahead(29), "pass"],
    [ahead(31), "warn"],
    [ahead(-31), "warn"],
    [ahead(109), "warn"],
    [ahead(110), "fail"],
    [ahead(-110), "fail"],
    // Only what is sure counts.
    [ahead(109, 112), "warn"],
    [ahead(-112, -109), "warn"],
    [ahead(-40, 40), "pass"],
  ])("%j behind ours: %s", (span, status) => {
    expect(judgeLingxingClock(span, "this host's clock")).toMatchObject({ id: "clock.lingxing", status });
  });

  it("says whose clock is to be set, and by how much it is off", () => {
    expect(judgeLingxingClock(ahead(200), "the database's clock")).toMatchObject({
      found: expect.stringContaining("the database's clock is 3 min ahead"),
      remedy: { text: expect.stringContaining("database's server"), command: "timedatectl set-ntp true" },
    });
    expect(judgeLingxingClock(ahead(-200), "this host's clock")).toMatchObject({
      found: expect.stringContaining("this host's clock is 3 min behind"),
      remedy: { text: expect.stringContaining("this host's clock") },
    });
  });
});

describe("DSCO's clock", () => {
  it.each([
    [ahead(0), "pass"],
    [ahead(2), "pass"],
    [ahead(3), "warn"],
    [ahead(5), "warn"],
    [ahead(5.1), "fail"], // a pull ends 10 s ago by ours, and must end 5 s ago by theirs
    [ahead(4, 6), "warn"],
    [ahead(-29), "pass"],
    [ahead(-30), "warn"],
    [ahead(-110), "fail"],
  ])("%j behind ours: %s", (span, status) => {
    expect(judgeDscoClock(span, "the database's clock")).toMatchObject({ id: "clock.dsco", status });
  });
});

import { describe, expect, it } from "vitest";
import { isOverdue, nextDue } from "../../src/sync/job-health.ts";

const now = new Date("2026-01-05T08:00:00Z");
const ago = (sec: number) => new Date(now.getTime() - sec * 1000);

describe("overdue", () => {
  it.each([
    { name: "not one that has just succeeded", pulse: { lastSuccessAt: ago(59) }, overdue: false },
    { name: "not one that has missed two intervals", pulse: { lastSuccessAt: ago(180) }, overdue: false },
    { name: "one that has missed three", pulse: { lastSuccessAt: ago(181) }, overdue: true },
    { name: "one that was never run", pulse: {}, overdue: true },
    { name: "not one that is switched off", pulse: { enabled: false }, overdue: false },
    { name: "not one at work, however long ago it succeeded", pulse: { lastSuccessAt: ago(4000), runningSince: ago(100) }, overdue: false },
    { name: "one that has been at work for too long", pulse: { lastSuccessAt: ago(4000), runningSince: ago(181) }, overdue: true },
    { name: "by its own interval", pulse: { intervalSec: 300, lastSuccessAt: ago(181) }, overdue: false },
  ])("$name", ({ pulse, overdue }) => {
    expect(isOverdue({ enabled: true, intervalSec: 60, lastSuccessAt: undefined, runningSince: undefined, ...pulse }, now)).toBe(overdue);
  });
});

describe("next due", () => {
  it("is an interval after the last start", () => {
    expect(nextDue(ago(10), { enabled: true, intervalSec: 60 })).toEqual(new Date(now.getTime() + 50_000));
  });
  it("is unknown for a job never started, and none for one switched off", () => {
    expect(nextDue(undefined, { enabled: true, intervalSec: 60 })).toBeUndefined();
    expect(nextDue(ago(10), { enabled: false, intervalSec: 60 })).toBeUndefined();
  });
});

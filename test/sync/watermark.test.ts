import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { JOB_NAMES } from "../../src/sync/job-name.ts";
import { checkWatermark, watermarkTime } from "../../src/sync/watermark.ts";

const NOW = new Date("2026-02-01T00:00:00Z");
const pull = (since: unknown) => JSON.stringify({ mode: "updatedSince", since });
const feed = (since: unknown) => JSON.stringify({ mode: "update_time", since });
const check = (job: Parameters<typeof checkWatermark>[0], text: string) => checkWatermark(job, text, NOW);

describe("checkWatermark takes", () => {
  it.each([
    { job: "pull_dsco_orders", text: pull("1970-01-01T00:00:00Z"), at: "1970-01-01T00:00:00.000Z" },
    { job: "pull_dsco_orders", text: pull("2026-01-31T00:00:00.123Z"), at: "2026-01-31T00:00:00.123Z" },
    { job: "pull_dsco_orders", text: pull("2026-01-31T08:00:00+08:00"), at: "2026-01-31T00:00:00.000Z" },
    { job: "pull_dsco_orders", text: pull("2026-01-31T00:00:00.123456789Z"), at: "2026-01-31T00:00:00.123Z" },
    { job: "pull_dsco_orders", text: pull("2026-02-01T00:00:00Z"), at: "2026-02-01T00:00:00.000Z" },
    { job: "pull_dsco_orders", text: ' {"since":"2026-01-31T00:00:00Z",\n "mode":"updatedSince"} ', at: "2026-01-31T00:00:00.000Z" },
    { job: "ack_to_dsco", text: feed(1767225600), at: "2026-01-01T00:00:00.000Z" },
    { job: "ship_to_dsco", text: feed(0), at: "1970-01-01T00:00:00.000Z" },
  ] as const)("$text of $job", ({ job, text, at }) => {
    const checked = check(job, text);
    expect(checked).toMatchObject({ ok: true });
    expect(checked.ok && watermarkTime(checked.watermark).toISOString()).toBe(at);
  });
});

describe("checkWatermark refuses", () => {
  it.each([
    { name: "no JSON", job: "pull_dsco_orders", text: "yesterday", problem: /not JSON; expected \{"mode":"updatedSince"/ },
    { name: "an empty text", job: "pull_dsco_orders", text: "", problem: /not JSON/ },
    { name: "null", job: "pull_dsco_orders", text: "null", problem: /not a watermark of pull_dsco_orders/ },
    { name: "an array", job: "pull_dsco_orders", text: `[${pull("2026-01-31T00:00:00Z")}]`, problem: /not a watermark/ },
    { name: "a bare text", job: "pull_dsco_orders", text: '"2026-01-31T00:00:00Z"', problem: /not a watermark/ },
    {
      name: "a field more",
      job: "pull_dsco_orders",
      text: '{"mode":"updatedSince","since":"2026-01-31T00:00:00Z","x":1}',
      problem: /not a/,
    },
    { name: "no mode", job: "pull_dsco_orders", text: '{"since":"2026-01-31T00:00:00Z"}', problem: /not a watermark/ },
    { name: "the feed's shape for the pull", job: "pull_dsco_orders", text: feed(1767225600), problem: /not a watermark/ },
    { name: "the pull's shape for the feed", job: "ack_to_dsco", text: pull("2026-01-31T00:00:00Z"), problem: /"update_time"/ },
    { name: "a date alone", job: "pull_dsco_orders", text: pull("2026-01-31"), problem: /not a watermark/ },
    { name: "a time without zone", job: "pull_dsco_orders", text: pull("2026-01-31T00:00:00"), problem: /not a watermark/ },
    { name: "a day that does not exist", job: "pull_dsco_orders", text: pull("2026-02-30T00:00:00Z"), problem: /not a watermark/ },
    { name: "seconds as text", job: "ack_to_dsco", text: feed("1767225600"), problem: /not a watermark/ },
    { name: "half a second", job: "ack_to_dsco", text: feed(1.5), problem: /not a watermark/ },
    { name: "a negative time", job: "ack_to_dsco", text: feed(-1), problem: /not a watermark/ },
    {
      name: "the future",
      job: "pull_dsco_orders",
      text: pull("2026-02-01T00:00:01Z"),
      problem: /future \(now it is 2026-02-01T00:00:00.000Z\)/,
    },
    { name: "the future in another zone", job: "pull_dsco_orders", text: pull("2026-01-31T23:00:00-05:00"), problem: /future/ },
    { name: "milliseconds for seconds", job: "ship_to_dsco", text: feed(1767225600000), problem: /future/ },
    { name: "microseconds for seconds", job: "ship_to_dsco", text: feed(1767225600000000), problem: /future/ },
    { name: "nanoseconds for seconds", job: "ship_to_dsco", text: feed(1767225600000000000), problem: /future|not a watermark/ },
    {
      name: "any, for a job that keeps none",
      job: "sync_stock",
      text: feed(0),
      problem: /sync_stock keeps no watermark; these do: pull_dsco_orders, ack_to_dsco, ship_to_dsco/,
    },
    { name: "any, for the push", job: "push_orders_to_lingxing", text: feed(0), problem: /keeps no watermark/ },
  ] as const)("$name", ({ job, text, problem }) => {
    expect(check(job, text)).toEqual({ ok: false, problem: expect.stringMatching(problem) });
  });

  it("garbage, without throwing, and takes nothing whose time cannot be told", () => {
    const text = fc.oneof(fc.string(), fc.json(), fc.jsonValue().map(pull), fc.jsonValue().map(feed), fc.maxSafeNat().map(feed));
    fc.assert(
      fc.property(fc.constantFrom(...JOB_NAMES), text, (job, given) => {
        const checked = check(job, given);
        return checked.ok ? watermarkTime(checked.watermark) <= NOW : checked.problem !== "";
      }),
      { numRuns: 500 },
    );
  });
});

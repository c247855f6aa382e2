import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ScrollExpiredError, ScrollLostError } from "../../src/dsco/client.ts";
import { OutageError } from "../../src/errors.ts";
import type { JobContext } from "../../src/jobs/job.ts";
import { OrderReader } from "../../src/jobs/order-reader.ts";
import { WatermarkStore } from "../../src/store/watermark-store.ts";
import { feedWindows } from "../../src/sync/feed-window.ts";
import { pullWindow } from "../../src/sync/pull-window.ts";
import { Tally } from "../../src/sync/tally.ts";
import { useStoreDatabase } from "../store/store-database.ts";
import { cases, FUZZ_TIMEOUT } from "./fuzz-runs.ts";

const database = await useStoreDatabase();

const START = Date.parse("2026-01-05T00:00:00Z");
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** What becomes of one page of a scroll. */
type Fate = "read" | "lost" | "expired" | "stop";

/** DSCO and a pass over it, as simple as can be: the reader between them is the real one. */
class Reading extends OrderReader {
  readonly saved = new Set<string>();

  static over(changes: readonly number[], fates: readonly Fate[], pageLength: number): Reading {
    let turn = 0;
    const end = new AbortController();
    async function* ordersUpdatedSince(since: Date, until: Date): AsyncGenerator<readonly string[]> {
      const found = changes.filter((at) => at > since.getTime() && at <= until.getTime());
      for (let from = 0; from < found.length || from === 0; from += pageLength) {
        const fate = fates[turn++] ?? "read";
        if (fate === "lost") throw new ScrollLostError("lost");
        if (fate === "expired") throw new ScrollExpiredError("expired");
        if (fate === "stop") end.abort(new Error("the pass ends"));
        const page = found.slice(from, from + pageLength);
        if (page.length > 0) yield page.map(String);
      }
    }
    const ctx = {
      job: "pull_dsco_orders",
      batchSize: pageLength,
      config: { pull: { overlapSec: 300, includeTestOrders: false } },
      dsco: async () => ({ ordersUpdatedSince }),
      log: { warn: () => undefined },
      signal: end.signal,
      stopped: () => end.signal.aborted,
    };
    return new Reading(ctx as unknown as JobContext<"pull">, new Tally());
  }

  override async savePage(texts: readonly string[]): Promise<void> {
    for (const text of texts) this.saved.add(text);
  }
}

describe("the pull's watermark", FUZZ_TIMEOUT, () => {
  it("never passes an order that was not read, however the scrolls end", async () => {
    const changes = fc
      .array(fc.integer({ min: START - HOUR, max: START + 30 * HOUR }), { maxLength: 30 })
      .map((times) => [...new Set(times)].sort((a, b) => a - b));
    const fates = fc.array(fc.constantFrom<Fate>("read", "read", "read", "lost", "expired", "stop"), { maxLength: 40, size: "max" });
    const slice = fc.option(fc.integer({ min: MINUTE, max: 40 * HOUR }), { nil: undefined });
    await fc.assert(
      fc.asyncProperty(changes, fates, slice, fc.integer({ min: 1, max: 8 }), async (times, ends, sliceMs, pageLength) => {
        const window = { since: new Date(START), until: new Date(START + 24 * HOUR) };
        const reading = Reading.over(times, ends, pageLength);
        let reached = window.since;
        const onSlice = async (until: Date) => {
          expect(until > reached && until <= window.until, "it moves on, and not beyond what was asked").toBe(true);
          reached = until;
          const passed = times.filter((at) => at > window.since.getTime() && at <= until.getTime());
          expect(
            passed.filter((at) => !reading.saved.has(String(at))),
            "passed and not read",
          ).toEqual([]);
        };
        try {
          const end = await reading.readWindow(window, sliceMs, onSlice);
          if (end.complete) expect(reached).toEqual(window.until);
          if (end.sliceMs !== undefined) expect(end.sliceMs).toBeGreaterThanOrEqual(MINUTE / 2);
        } catch (error) {
          expect(error).toBeInstanceOf(OutageError);
        }
      }),
      cases(1_000),
    );
  });

  it("is followed by windows that hold every change, whenever passes run and however late the change is seen", () => {
    const pauses = fc.array(fc.integer({ min: 30_000, max: 9 * HOUR }), { minLength: 1, maxLength: 40, size: "max" });
    fc.assert(
      fc.property(
        pauses,
        fc.integer({ min: 0, max: 40 * HOUR }),
        fc.integer({ min: 0, max: 290_000 }),
        (between, changedAfter, seenAfter) => {
          const changed = START + changedAfter;
          let watermark = new Date(START);
          let now = START;
          let read = false;
          for (const pause of between) {
            now += pause;
            const window = pullWindow(watermark, new Date(now), 300);
            const visible = changed + seenAfter <= now;
            read ||= visible && changed > window.since.getTime() && changed <= window.until.getTime();
            watermark = window.until;
          }
          if (changed + seenAfter <= watermark.getTime()) expect(read).toBe(true);
        },
      ),
      cases(2_000),
    );
  });

  it("of Lingxing's feed, too: both bounds are open, and no second falls between two windows", () => {
    const pauses = fc.array(fc.integer({ min: 1, max: 70 * 86_400 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(pauses, fc.integer({ min: 0, max: 200 * 86_400 }), (between, after) => {
        const changed = START / 1000 + after;
        let watermark = START / 1000;
        let nowSec = watermark;
        let read = false;
        for (const pause of between) {
          nowSec += pause;
          for (const window of feedWindows(watermark, new Date(nowSec * 1000))) {
            read ||= changed <= nowSec && changed > window.sinceSec && changed < window.untilSec;
            watermark = window.watermarkSec;
          }
          expect(watermark).toBe(nowSec);
        }
        if (changed <= watermark) expect(read).toBe(true);
      }),
      cases(2_000),
    );
  });

  it("is a person's before it is a run's: only what a run has read does it move", async () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant("read" as const), run: fc.nat(2) }),
      fc.record({ do: fc.constant("move" as const), run: fc.nat(2), to: fc.nat(5) }),
      fc.record({ do: fc.constant("set" as const), to: fc.nat(5) }),
    );
    const watermarks = new WatermarkStore(database.db);
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12, size: "max" }), async (steps) => {
        await database.empty();
        let stored: string | undefined;
        const read: (string | undefined)[] = [undefined, undefined, undefined];
        for (const each of steps) {
          if (each.do === "read") read[each.run] = await watermarks.find("ack_to_dsco");
          else if (each.do === "set") {
            stored = `person ${each.to}`;
            await watermarks.set("ack_to_dsco", stored);
          } else {
            const to = `run ${each.run} ${each.to}`;
            const from = read[each.run];
            const moves = from === undefined ? stored === undefined || stored === to : stored === from;
            expect(await watermarks.move("ack_to_dsco", from, to)).toBe(moves);
            if (moves) stored = to;
            if (moves) read[each.run] = to;
          }
          expect(await watermarks.find("ack_to_dsco")).toBe(stored);
        }
      }),
      cases(60),
    );
  });
});

import { expect } from "vitest";
import { addFigures } from "../helpers/figures.ts";
import { type Bench, standing } from "./bench.ts";
import { expectRecordsClosed, type Recorded, recordedPass } from "./pass-record.ts";

/** What a row says of its item is so at the vendor; only one in flight says nothing. */
export async function expectTrueRows(bench: Bench, items: readonly string[]): Promise<void> {
  const effects = await bench.effects(items);
  for (const [item, state] of await bench.states(items)) {
    expect(["as before", "done", "in flight"]).toContain(state);
    if (state !== "in flight")
      expect({ item, state, effects: effects.get(item) }).toEqual({ item, state, effects: state === "done" ? 1 : 0 });
  }
}

/** A pass that nothing befalls. */
export async function goodPass(bench: Bench): Promise<Recorded> {
  const pass = await recordedPass(bench);
  expect(pass.report.exit, JSON.stringify(pass.report)).toEqual({ code: 0, name: "ok" });
  return pass;
}

/**
 * In the end, after these passes (and others that were killed): everything is done and has taken effect once, nobody was charged a retry or
 * asked for help, and every pass is on record. Adds to the figures of the suite.
 */
export async function audit(
  bench: Bench,
  items: readonly string[],
  passes: readonly Recorded[],
  meta: Parameters<typeof addFigures>[0],
  killed: readonly string[] = [],
): Promise<void> {
  const effects = [...(await bench.effects(items)).values()];
  const duplicates = effects.reduce((sum, times) => sum + Math.max(0, times - 1), 0);
  const losses = effects.filter((times) => times === 0).length;
  addFigures(meta, "fault matrix", { "cells tried": 1, "passes run": passes.length + killed.length, duplicates, losses });
  expect({ duplicates, losses }).toEqual({ duplicates: 0, losses: 0 });
  expect(await standing(bench, items)).toEqual({ done: items.length });
  expect(await bench.charged(items), "charged a retry for what is not the item's fault").toEqual([]);
  expect(await bench.world.tasks(), "handed to a person").toEqual([]);
  await expectRecordsClosed(bench, passes, killed);
}

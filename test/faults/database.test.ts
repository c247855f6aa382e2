import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findInstalledServer } from "../../scripts/installed-server.mjs";
import { startPrivateServer } from "../../scripts/private-server.mjs";
import { formatServerDsn, parseServerDsn } from "../../scripts/server-dsn.mjs";
import type { Answer, SandboxRequest } from "../../src/sandbox/endpoint.ts";
import { addFigures } from "../helpers/figures.ts";
import { tamper } from "../helpers/whole-run.ts";
import type { World } from "../jobs/world.ts";
import { type Bench, standing, useLastingWorld } from "./bench.ts";
import { CALLS } from "./calls.ts";
import { ACCOUNT, DATABASE_FAULTS, type DatabaseFault, SERVER_SETTINGS } from "./database-faults.ts";
import { OrderBench } from "./order-bench.ts";
import { expectRecordsClosed, type Recorded, recordedPass } from "./pass-record.ts";
import { PullBench } from "./pull-bench.ts";
import { useQuickWaits } from "./quick-waits.ts";
import { StockBench } from "./stock-bench.ts";

const BENCHES: Readonly<Record<string, (world: World) => Bench>> = {
  pull_dsco_orders: (world) => new PullBench(world),
  push_orders_to_lingxing: (world) => new OrderBench(world, { stage: "push" }),
  ack_to_dsco: (world) => new OrderBench(world, { stage: "ack" }),
  ship_to_dsco: (world) => new OrderBench(world, { stage: "ship" }),
  invoice_to_dsco: (world) => new OrderBench(world, { stage: "invoice" }),
  sync_stock: (world) => new StockBench(world),
};

/** These faults befall a whole server, so it is nobody else's. */
const installed = findInstalledServer();
const server = installed && (await startPrivateServer(installed));
if (server !== undefined) process.env.IPASS_TEST_DB_DSN = server.dsn;
afterAll(() => server?.stop());
const world = await useLastingWorld();
useQuickWaits(CALLS.map(({ endpoint }) => endpoint));
/** As ipass's own account sees it. */
const settings = { IPASS_DB_DSN: formatServerDsn({ ...parseServerDsn(world.db.dsn), user: ACCOUNT, password: "" }) };

describe.runIf(server !== undefined)("the database, under", () => {
  const prepareServer = async () => {
    for (const setting of SERVER_SETTINGS) await world.db.query(`set global ${setting}`);
  };
  beforeAll(async () => {
    await prepareServer();
    await world.db.query(`create user '${ACCOUNT}'@'127.0.0.1'`);
    await world.db.query(`grant all on \`${world.db.name}\`.* to '${ACCOUNT}'@'127.0.0.1'`);
  });

  describe.each(Object.entries(BENCHES))("%s", (job, make) => {
    const faults = DATABASE_FAULTS.filter(({ notFor }) => notFor?.[job] === undefined);
    const bench = make(world);
    let meeting: ((request: SandboxRequest) => Promise<void>) | undefined;
    const watch = () =>
      tamper(world.vendors, bench.effect, async (request, handle) => {
        const answer: Answer = await handle(request);
        const met = meeting;
        meeting = undefined;
        await met?.(request);
        return answer;
      });
    beforeAll(async () => {
      await bench.open(faults.length + 1);
      if (job !== "pull_dsco_orders") watch();
    });

    /** The items of a cell. A pull has a world of its own for each. */
    const next = async () => {
      const items = await bench.next();
      if (job === "pull_dsco_orders") watch();
      return items;
    };

    it.for(faults)("$name, $when", async (fault, { task }) => {
      const items = await next();
      const { struck, first } = await struckPass(fault, items);
      expect(first.report.exit.code, JSON.stringify(first.report)).toBe(fault.exit);
      expect(struck, "the fault has befallen the pass").toBe(true);
      await expectTrueRows(items, fault);
      const second = await recordedPass(bench, settings);
      expect(second.report.exit, JSON.stringify(second.report)).toEqual({ code: 0, name: "ok" });
      expect(await standing(bench, items)).toEqual({ done: items.length });
      await expectRecordsClosed(bench, [first, second]);

      const effects = [...(await bench.effects(items)).values()];
      const duplicates = effects.reduce((sum, times) => sum + Math.max(0, times - 1), 0);
      const losses = effects.filter((times) => times === 0).length;
      addFigures(task.meta, "fault matrix", { "cells tried": 1, "passes run": 2, duplicates, losses });
      expect({ duplicates, losses }).toEqual({ duplicates: 0, losses: 0 });
      expect(await bench.charged(items)).toEqual([]);
      expect(await world.tasks()).toEqual([]);
    });

    it("cannot be reached: 13, and no vendor is asked", async () => {
      const items = await next();
      world.vendors.resetStats();
      const away = formatServerDsn({ ...parseServerDsn(world.db.dsn), port: 1 });
      const report = await bench.run({ IPASS_DB_DSN: away });
      expect(report).toMatchObject({
        exit: { code: 13 },
        counts: { read: 0 },
        error: { next_step: expect.stringContaining("IPASS_DB_DSN") },
      });
      expect(world.vendors.stats().total).toBe(0);
      expect(await standing(bench, items)).toEqual({ "as before": items.length });
    });

    async function struckPass(fault: DatabaseFault, items: readonly string[]): Promise<{ struck: boolean; first: Recorded }> {
      let makeGood: (() => Promise<void>) | undefined;
      const crash = async () => {
        await server?.crash();
        await prepareServer();
      };
      const strike = async (hit: readonly string[]) => {
        makeGood = await fault.strike({ bench, items: hit, crash });
      };
      if (fault.when === "at the start") await strike(items);
      else meeting = (request) => strike(bench.itemsOf(request));
      const first = await recordedPass(bench, settings);
      await makeGood?.();
      return { struck: makeGood !== undefined, first };
    }

    /** What a row says of its item is so at the vendor, except of one in flight, which says nothing. */
    async function expectTrueRows(items: readonly string[], { when, exit, lockLost }: DatabaseFault): Promise<void> {
      const effects = await bench.effects(items);
      for (const [item, state] of await bench.states(items)) {
        expect(["as before", "done", "in flight"]).toContain(state);
        if (state !== "in flight")
          expect({ item, state, effects: effects.get(item) }).toEqual({ item, state, effects: state === "done" ? 1 : 0 });
      }
      if (lockLost) expect([...(await bench.states(items)).values()], "written without the lock").not.toContain("done");
      if (exit === 0) expect(await standing(bench, items)).toEqual({ done: items.length });
      else if (when === "at the start") expect(await standing(bench, items)).toEqual({ "as before": items.length });
    }
  });
});

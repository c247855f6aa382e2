import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findInstalledServer } from "../../scripts/installed-server.mjs";
import { startPrivateServer } from "../../scripts/private-server.mjs";
import { formatServerDsn, parseServerDsn } from "../../scripts/server-dsn.mjs";
import { JOB_NAMES } from "../../src/sync/job-name.ts";
import { audit, expectTrueRows, goodPass } from "./audit.ts";
import { standing, useLastingWorld } from "./bench.ts";
import { BENCHES, Moment } from "./benches.ts";
import { CALLS } from "./calls.ts";
import { ACCOUNT, DATABASE_FAULTS, SERVER_SETTINGS } from "./database-faults.ts";
import { recordedPass } from "./pass-record.ts";
import { useQuickWaits } from "./quick-waits.ts";

/** These faults befall a whole server, so it is nobody else's. */
const installed = findInstalledServer();
const server = installed && (await startPrivateServer(installed));
if (server !== undefined) process.env.IPASS_TEST_DB_DSN = server.dsn;
afterAll(() => server?.stop());
const world = await useLastingWorld();
useQuickWaits(CALLS.map(({ endpoint }) => endpoint));

/** ipass comes with an account of its own. */
const settings = { IPASS_DB_DSN: formatServerDsn({ ...parseServerDsn(world.db.dsn), user: ACCOUNT, password: "" }) };

async function setUpServer(): Promise<void> {
  for (const setting of SERVER_SETTINGS) await world.db.query(`set global ${setting}`);
}

async function crash(): Promise<void> {
  await server?.crash();
  await setUpServer();
}

describe.runIf(server !== undefined)("the database, under", () => {
  beforeAll(async () => {
    await setUpServer();
    await world.db.query(`create user '${ACCOUNT}'@'127.0.0.1'`);
    await world.db.query(`grant all on \`${world.db.name}\`.* to '${ACCOUNT}'@'127.0.0.1'`);
  });

  describe.each(JOB_NAMES)("%s", (job) => {
    const faults = DATABASE_FAULTS.filter(({ notFor }) => notFor?.[job] === undefined);
    const bench = BENCHES[job](world);
    const moment = new Moment(bench);
    beforeAll(() => bench.open(faults.length + 1));

    it.for(faults)("$name, $when", async (fault, { task }) => {
      const items = await bench.next();
      let makeGood: (() => Promise<void>) | undefined;
      const strike = async (hit: readonly string[]) => {
        makeGood = await fault.strike({ bench, items: hit, crash });
      };
      if (fault.when === "at the start") await strike(items);
      else moment.happens(strike);
      const first = await recordedPass(bench, settings);
      expect(makeGood, "the fault has befallen the pass").toBeDefined();
      await makeGood?.();

      expect(first.report.exit.code, JSON.stringify(first.report)).toBe(fault.exit);
      await expectTrueRows(bench, items);
      const stand = await standing(bench, items);
      if (fault.exit === 0) expect(stand).toEqual({ done: items.length });
      else if (fault.when === "at the start") expect(stand).toEqual({ "as before": items.length });
      else if (fault.lockLost) expect(stand, "written without the lock").not.toHaveProperty("done");
      // Some may never have been sent: claimed, while the connection broke that would have said so.
      if (stand["in flight"] !== undefined) await bench.graceOver(items);
      await audit(bench, items, [first, await goodPass(bench)], task.meta);
    });

    it("cannot be reached: 13, and no vendor is asked", async () => {
      const items = await bench.next();
      world.vendors.resetStats();
      const away = formatServerDsn({ ...parseServerDsn(world.db.dsn), port: 1 });
      const { report } = await recordedPass(bench, { IPASS_DB_DSN: away });
      expect(report).toMatchObject({
        exit: { code: 13 },
        counts: { read: 0 },
        error: { next_step: expect.stringContaining("IPASS_DB_DSN") },
      });
      expect(world.vendors.stats().total).toBe(0);
      expect(await standing(bench, items)).toEqual({ "as before": items.length });
    });
  });
});

import { expect, it } from "vitest";
import { parseDsn } from "../../src/config/dsn.ts";
import { openDatabase } from "../../src/store/db.ts";
import { readServerFacts, readTimeRoundTrip } from "../../src/store/server-facts.ts";
import { databaseBehind } from "../helpers/database-proxy.ts";
import { useStoreDatabase } from "./store-database.ts";

const database = await useStoreDatabase({ migrated: false });

it("reads what the server says of itself", async () => {
  const facts = await readServerFacts(database.db);
  expect(facts).toMatchObject({ version: expect.stringMatching(/^\d+\.\d+/), account: expect.stringMatching(/^.+@.+$/), galeraNodes: 0 });
  for (const name of ["autocommit", "max_allowed_packet", "read_only", "sql_mode", "wait_timeout"])
    expect(facts.variables.has(name)).toBe(true);
  expect(facts.ahead.from).toBeLessThanOrEqual(facts.ahead.to);
});

it("measures the clock between asking and answering: the truth lies within", async () => {
  const { ahead } = await readServerFacts(database.db); // the same machine, so the same clock; the server cuts its milliseconds
  expect(ahead.from).toBeLessThanOrEqual(0);
  expect(ahead.to).toBeGreaterThanOrEqual(-1);
});

it("takes a moment there and back to the millisecond, in a session that speaks UTC", async () => {
  const { sent, back, zone, defaultAheadMs } = await readTimeRoundTrip(database.db);
  expect({ back, zone, defaultAheadMs }).toEqual({ back: sent, zone: "+00:00", defaultAheadMs: 0 });
});

it("sees the zone a proxy gave the session instead", async () => {
  const dsn = await databaseBehind(database.dsn, { toServer: (text) => text.replace("time_zone = '+00:00'", "time_zone = '+08:00'") });
  const db = openDatabase(parseDsn(dsn));
  try {
    expect(await readTimeRoundTrip(db)).toMatchObject({ zone: "+08:00", defaultAheadMs: 8 * 3600_000 });
  } finally {
    await db.destroy();
  }
});

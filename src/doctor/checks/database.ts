import { probeLockSharing } from "../../store/lock-probe.ts";
import { Migrations, migrationNames } from "../../store/migrations.ts";
import { missingPrivileges } from "../../store/privilege-probe.ts";
import { missingParts } from "../../store/schema-check.ts";
import { readTimeRoundTrip } from "../../store/server-facts.ts";
import { BlockedError, type Check, type ReachedDatabase } from "../check.ts";
import type { Finding } from "../finding.ts";
import { judgeDatabaseClock } from "../judge/clocks.ts";
import { judgeLock } from "../judge/lock.ts";
import {
  judgeCluster,
  judgePacket,
  judgeSqlMode,
  judgeTimeZone,
  judgeVersion,
  judgeWaitTimeout,
  judgeWritable,
  productOf,
} from "../judge/server.ts";
import { judgeMigrations, judgePrivileges, judgeSchema } from "../judge/tables.ts";

const check = (id: string, look: (database: ReachedDatabase, signal: AbortSignal) => Finding | Promise<Finding>): Check => ({
  id: `database.${id}`,
  broken: "fail",
  run: async (context, signal) => look(await context.database(), signal),
});

export const DATABASE_CHECKS: readonly Check[] = [
  check("version", ({ facts }) => judgeVersion(facts)),
  check("cluster", ({ facts }) => judgeCluster(facts)),
  check("writable", ({ facts }) => judgeWritable(facts.variables)),
  check("lock", async ({ config, facts }, signal) => judgeLock(await probeLockSharing(config, signal), productOf(facts.version).flavour)),
  check("time_zone", async ({ db }) => judgeTimeZone(await readTimeRoundTrip(db))),
  check("wait_timeout", ({ facts }) => judgeWaitTimeout(facts.variables)),
  check("max_allowed_packet", ({ facts }) => judgePacket(facts.variables)),
  check("sql_mode", ({ facts }) => judgeSqlMode(facts.variables)),
  check("migrations", async (database) => {
    const status = await statusOf(database);
    return judgeMigrations({ ...status, unknown: status.applied.filter((name) => !migrationNames().includes(name)) });
  }),
  check("privileges", async (database) => {
    const { db, config, facts } = database;
    if (judgeWritable(facts.variables).status === "fail")
      throw new BlockedError("a server that takes no writes judges none", "database.writable");
    const { pending } = await statusOf(database);
    return judgePrivileges(await missingPrivileges(db, pending.length > 0), config.database, facts.account);
  }),
  check("schema", async (database) => {
    if ((await statusOf(database)).pending.length > 0) throw new BlockedError("the tables are not made yet", "database.migrations");
    return judgeSchema(await missingParts(database.db));
  }),
  { id: "clock.database", broken: "warn", run: async (context) => judgeDatabaseClock((await context.database()).facts.ahead) },
];

function statusOf({ db, config }: ReachedDatabase) {
  return new Migrations(db, config).status();
}

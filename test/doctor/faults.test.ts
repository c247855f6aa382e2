import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { freePort } from "../../scripts/private-server.mjs";
import type { Status } from "../../src/doctor/finding.ts";
import { SANDBOX_CREDENTIALS } from "../../src/sandbox/options.ts";
import { databaseBehind, type Meddling } from "../helpers/database-proxy.ts";
import { type Check, type Examination, examination, usePatient } from "./patient.ts";

/** Each examination is a process, and a loaded machine starts them slowly. */
const PATIENCE = { timeout: 180_000 };

const patient = await usePatient();
const { vendors } = patient;
const sql = (statement: string) => patient.admin.query(statement);

interface Fault {
  readonly fault: string;
  readonly seed: () => unknown;
  /** Which check names it, as what, and in which words. */
  readonly id: string;
  readonly status: Exclude<Status, "pass">;
  readonly found: RegExp;
  /** What the remedy says; `type`: it holds what to type, and that is typed. */
  readonly remedy: RegExp;
  readonly follow: "type" | ((check: Check) => unknown);
  /** The vendors have nothing to do with it. */
  readonly offline?: true;
}

/** The remedy says which variable to set and to what; here is a value that fits. */
const setting = (name: string, value: string | undefined) => ({
  remedy: new RegExp(`\\b${name}\\b`),
  follow: () => patient.set({ [name]: value }),
});

const behind = (meddling: Meddling) => async () => patient.set({ IPASS_DB_DSN: await databaseBehind(patient.dsn, meddling) });
const straight = setting("IPASS_DB_DSN", patient.dsn);
const dsnWith = (change: (url: URL) => void) => {
  const url = new URL(patient.dsn);
  change(url);
  return url.href;
};

const DATABASE_FAULTS: readonly Fault[] = [
  {
    fault: "a wrong password",
    seed: () => patient.set({ IPASS_DB_DSN: dsnWith((url) => (url.password = "wrong-word")) }),
    id: "database.connection",
    status: "fail",
    found: /Access denied for user 'ipass_app'/,
    ...straight,
  },
  {
    fault: "a port where nobody listens",
    seed: () => patient.set({ IPASS_DB_DSN: dsnWith((url) => (url.port = "1")) }),
    id: "database.connection",
    status: "fail",
    found: /ECONNREFUSED: nobody listens there/,
    ...straight,
  },
  {
    fault: "a host that does not exist",
    seed: () => patient.set({ IPASS_DB_DSN: dsnWith((url) => (url.host = "no-such-host.invalid")) }),
    id: "database.connection",
    status: "fail",
    found: /leads nowhere/,
    ...straight,
  },
  {
    fault: "a database that does not exist",
    seed: () => patient.set({ IPASS_DB_DSN: dsnWith((url) => (url.pathname = "/ipass_elsewhere")) }),
    id: "database.connection",
    status: "fail",
    found: /Access denied .* to database 'ipass_elsewhere'/,
    remedy: /as an administrator of the database: CREATE DATABASE/,
    follow: "type",
  },
  {
    fault: "a database without tables",
    seed: async () => {
      await sql(
        "CREATE DATABASE ipass_empty; GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX ON ipass_empty.* TO 'ipass_app'@'127.0.0.1'",
      );
      patient.set({ IPASS_DB_DSN: dsnWith((url) => (url.pathname = "/ipass_empty")) });
    },
    id: "database.migrations",
    status: "fail",
    found: /not applied: 0001_init.sql/,
    remedy: /^run: ipass migrate$/,
    follow: "type",
  },
  {
    fault: "a privilege that is missing",
    seed: () => sql("REVOKE UPDATE ON ipass_patient.* FROM 'ipass_app'@'127.0.0.1'"),
    id: "database.privileges",
    status: "fail",
    found: /ipass_app@127.0.0.1 lacks UPDATE \(sync_order_state, /,
    remedy: /GRANT UPDATE ON `ipass_patient`\.\* TO 'ipass_app'@'127.0.0.1';$/,
    follow: "type",
  },
  {
    fault: "a privilege that the migrations need",
    seed: async () => {
      await sql("CREATE DATABASE ipass_poor; GRANT SELECT, INSERT, UPDATE, DELETE ON ipass_poor.* TO 'ipass_app'@'127.0.0.1'");
      patient.set({ IPASS_DB_DSN: dsnWith((url) => (url.pathname = "/ipass_poor")) });
    },
    id: "database.privileges",
    status: "fail",
    found: /lacks CREATE .*; ALTER .*; INDEX/,
    remedy: /GRANT CREATE, ALTER, INDEX ON `ipass_poor`/,
    follow: "type",
  },
  {
    fault: "a column that somebody dropped",
    seed: () => sql("ALTER TABLE manual_task DROP COLUMN resolved_by"),
    id: "database.schema",
    status: "fail",
    found: /gone: manual_task.resolved_by/,
    remedy: /ALTER TABLE manual_task ADD resolved_by VARCHAR\(128\) NULL;$/,
    follow: "type",
  },
  {
    fault: "a key that somebody dropped",
    seed: () => sql("ALTER TABLE job_run DROP KEY by_outcome"),
    id: "database.schema",
    status: "warn",
    found: /job_run.by_outcome.*slower/,
    remedy: /ALTER TABLE job_run ADD KEY by_outcome/,
    follow: "type",
  },
  {
    fault: "a table that somebody dropped",
    seed: () => sql("DROP TABLE order_count"),
    id: "database.schema",
    status: "fail",
    found: /gone: order_count/,
    remedy: /make them anew, empty, .*: CREATE TABLE IF NOT EXISTS order_count .*;$/,
    follow: "type",
  },
  {
    fault: "a server that is too old",
    seed: behind({ toClient: (text) => text.replaceAll(/10\.\d\d\.(\d\d)-MariaDB/g, "10.5.0$1-MariaDB") }),
    id: "database.version",
    status: "fail",
    found: /older than MariaDB 10.6/,
    ...straight,
  },
  {
    fault: "a server that is read-only",
    seed: () => sql("SET GLOBAL read_only = ON"),
    id: "database.writable",
    status: "fail",
    found: /read_only is on: this is a replica/,
    remedy: /lead IPASS_DB_DSN to the writer.*SET GLOBAL read_only = OFF;$/,
    follow: "type",
  },
  {
    fault: "GET_LOCK that is not shared",
    seed: behind({ toServer: (text, connection) => (connection % 2 === 0 ? text : text.replaceAll("'ipass:", "'other:")) }),
    id: "database.lock",
    status: "fail",
    found: /other connections could take a lock that one held/,
    ...straight,
  },
  {
    fault: "a cluster that has no GET_LOCK",
    seed: behind({ toServer: (text) => text.replaceAll("SELECT GET_LOCK", "SELECT GET_LUCK") }),
    id: "database.lock",
    status: "fail",
    found: /the server gives no GET_LOCK: .*GET_LUCK/,
    remedy: /use a server or cluster mode that has it: docs\/clusters.md/,
    follow: straight.follow,
  },
  {
    fault: "a session that a proxy puts into another time zone",
    seed: behind({ toServer: (text) => text.replace("time_zone = '+00:00'", "time_zone = '+08:00'") }),
    id: "database.time_zone",
    status: "fail",
    found: /8 h off UTC/,
    remedy: /let nothing between ipass and the database/,
    follow: straight.follow,
  },
  {
    fault: "idle connections that are closed too soon",
    seed: () => sql("SET GLOBAL wait_timeout = 15"),
    id: "database.wait_timeout",
    status: "fail",
    found: /idle for 15 s.*would lose the lock/,
    remedy: /SET GLOBAL wait_timeout = 28800;$/,
    follow: "type",
  },
  {
    fault: "statements that may not be long",
    seed: () => sql("SET GLOBAL max_allowed_packet = 1048576"),
    id: "database.max_allowed_packet",
    status: "fail",
    found: /1 MiB/,
    remedy: /SET GLOBAL max_allowed_packet = 67108864;$/,
    follow: "type",
  },
  {
    fault: "an sql_mode under which texts break statements",
    seed: () => sql("SET GLOBAL sql_mode = 'STRICT_TRANS_TABLES,NO_BACKSLASH_ESCAPES'"),
    id: "database.sql_mode",
    status: "fail",
    found: /NO_BACKSLASH_ESCAPES/,
    remedy: /SET GLOBAL sql_mode = 'STRICT_TRANS_TABLES';$/,
    follow: "type",
  },
  {
    fault: "clocks of host and database that disagree",
    seed: () => sql("SET GLOBAL init_connect = 'SET timestamp = UNIX_TIMESTAMP() + 90'"),
    id: "clock.database",
    status: "warn",
    found: /this host's clock is .* behind compared with the database's/,
    remedy: /set the clocks of both by NTP; on each: timedatectl set-ntp true$/,
    follow: () => sql("SET GLOBAL init_connect = ''"),
  },
  {
    fault: "a watermark that was never set",
    seed: () => sql("DELETE FROM job_watermark WHERE job_name = 'pull_dsco_orders'"),
    id: "watermark.pull_dsco_orders",
    status: "warn", // a failure, were DSCO not a stand-in with a short history
    found: /not set: the first pull reads every open order since 1970/,
    remedy: /ipass watermark set pull_dsco_orders '\{"mode":"updatedSince","since":".*Z"\}'$/,
    follow: "type",
  },
  {
    fault: "a watermark that somebody broke",
    seed: () => sql("UPDATE job_watermark SET watermark = '{}' WHERE job_name = 'pull_dsco_orders'"),
    id: "watermark.pull_dsco_orders",
    status: "fail",
    found: /not a watermark of pull_dsco_orders/,
    remedy: /ipass watermark list --history.*ipass watermark set pull_dsco_orders/,
    follow: () => patient.type(`: ipass watermark set pull_dsco_orders '{"mode":"updatedSince","since":"${new Date().toISOString()}"}'`),
  },
  {
    fault: "a job that has not got through for too long",
    seed: () =>
      sql(
        "UPDATE job_run SET started_at = started_at - INTERVAL 4 DAY, ended_at = ended_at - INTERVAL 4 DAY WHERE job_name = 'ack_to_dsco'",
      ),
    id: "job.ack_to_dsco",
    status: "fail",
    found: /last got through 4 d.* ago; it is due every 1 d/,
    remedy: /run it now and see what it says.*: ipass run ack_to_dsco$/,
    follow: "type",
  },
  {
    fault: "an order in flight for too long",
    seed: () =>
      sql(`UPDATE sync_order_state SET push_status = 9, push_run_id = 1, push_sent_at = UTC_TIMESTAMP(3) - INTERVAL 5 DAY,
        push_next_attempt_at = UTC_TIMESTAMP(3) - INTERVAL 5 DAY ORDER BY dsco_order_id LIMIT 1`),
    id: "in_flight.push",
    status: "fail",
    found: /1 sent and still without an outcome, the oldest \(1200000001\) since 5 d/,
    remedy: /asking the vendor.*: ipass run push_orders_to_lingxing$/,
    follow: "type",
  },
  {
    fault: "stock in flight for too long",
    seed: () => sql("UPDATE stock_level SET status = 9, sent_at = UTC_TIMESTAMP(3) - INTERVAL 5 DAY ORDER BY dsco_sku LIMIT 1"),
    id: "in_flight.stock",
    status: "fail",
    found: /1 sent and still without an outcome/,
    remedy: /: ipass run sync_stock$/,
    follow: "type",
  },
];

const SETTING_FAULTS: readonly Fault[] = [
  {
    fault: "a DSN of another form",
    seed: () => patient.set({ IPASS_DB_DSN: "postgres://u:canary-word@h/d" }),
    id: "config.IPASS_DB_DSN",
    status: "fail",
    found: /got \*\*\*/,
    ...straight,
  },
  {
    fault: "a switch that is neither on nor off",
    seed: () => patient.set({ IPASS_JOB_ACK_TO_DSCO_ENABLE: "perhaps" }),
    id: "config.IPASS_JOB_ACK_TO_DSCO_ENABLE",
    status: "fail",
    found: /got perhaps/,
    ...setting("IPASS_JOB_ACK_TO_DSCO_ENABLE", "true"),
  },
  {
    fault: "a setting that is missing",
    seed: () => patient.set({ IPASS_LINGXING_STORE_ID: undefined }),
    id: "config.IPASS_LINGXING_STORE_ID",
    status: "fail",
    found: /not set/,
    ...setting("IPASS_LINGXING_STORE_ID", vendors.env.IPASS_LINGXING_STORE_ID),
  },
  {
    fault: "a variable nobody knows",
    seed: () => patient.set({ IPASS_PRICE_FIELD: "msrp" }),
    id: "config.unknown",
    status: "warn",
    found: /IPASS_PRICE_FIELD \(did you mean IPASS_PRICE_FIELDS\?\)/,
    remedy: /correct the name/,
    follow: () => patient.set({ IPASS_PRICE_FIELD: undefined, IPASS_PRICE_FIELDS: "msrp" }),
  },
  {
    fault: "a SKU map that is not one to one",
    seed: () => patient.set({ IPASS_STOCK_SKU_TO_DSCO_SKU_JSON: '{"A":"X","B":"X"}' }),
    id: "config.IPASS_STOCK_SKU_TO_DSCO_SKU_JSON",
    status: "fail",
    found: /got \{"A":"X","B":"X"\}/,
    remedy: /each DSCO SKU at most once, but "A" and "B" both map to "X"/,
    follow: () => patient.set({ IPASS_STOCK_SKU_TO_DSCO_SKU_JSON: '{"A":"X","B":"Y"}' }),
  },
  {
    fault: "an admin that answers nobody",
    seed: () => patient.set({ IPASS_ADMIN_TOKEN: undefined }),
    id: "settings.admin_token",
    status: "warn",
    found: /401 to everything but health/,
    remedy: /: printf .* >> \.env$/,
    follow: "type",
  },
  {
    fault: "a grace within which a request may still be under way",
    seed: () => patient.set({ IPASS_IN_DOUBT_GRACE_SEC: "30" }),
    id: "settings.in_doubt_grace",
    status: "fail",
    found: /it could be sent twice/,
    remedy: /set it to 300/,
    follow: () => patient.set({ IPASS_IN_DOUBT_GRACE_SEC: "300" }),
  },
  {
    fault: "a job that waits for one that is switched off",
    seed: () => patient.set({ IPASS_JOB_ACK_TO_DSCO_ENABLE: "false" }),
    id: "settings.jobs",
    status: "warn",
    found: /ship_to_dsco is on, but ack_to_dsco, which feeds it, is off/,
    remedy: /set IPASS_JOB_ACK_TO_DSCO_ENABLE=true/,
    follow: () => patient.set({ IPASS_JOB_ACK_TO_DSCO_ENABLE: "true" }),
  },
  {
    fault: "maps that contradict each other",
    seed: () => patient.set({ ...vendors.mapEnv, IPASS_WAREHOUSE_MAP_JSON: '{"WH-CA":"1002","WH-NJ":"1001"}' }),
    id: "settings.maps",
    status: "warn",
    found: /orders of WH-CA leave from wid 1002, whose stock is shown as WH-NJ/,
    ...setting("IPASS_WAREHOUSE_MAP_JSON", vendors.mapEnv.IPASS_WAREHOUSE_MAP_JSON),
  },
  {
    fault: "an .env that every user may read",
    seed: () => spawnSync("chmod", ["644", patient.envFile]),
    id: "env_file",
    status: "warn",
    found: /every user of this machine may read it \(0644\)/,
    remedy: /: chmod o= \/.*\/\.env$/,
    follow: "type",
  },
  {
    fault: "an .env that cannot be read",
    seed: () => {
      rmSync(patient.envFile);
      mkdirSync(patient.envFile);
    },
    id: "env_file",
    status: "fail",
    found: /cannot be read \(EISDIR\)/,
    remedy: /let the user that runs ipass read it/,
    follow: () => {
      rmSync(patient.envFile, { recursive: true });
      patient.recover();
    },
  },
  {
    fault: "a file where the logs should be",
    seed: () => {
      writeFileSync(join(patient.cli.cwd, "in-the-way"), "");
      patient.set({ IPASS_LOG_DIR: "in-the-way" });
    },
    id: "log.directory",
    status: "fail",
    found: /cannot be written \(EEXIST\)/,
    remedy: /a file is in the way: take it away/,
    follow: () => rmSync(join(patient.cli.cwd, "in-the-way")),
  },
];

const VENDOR_FAULTS: readonly Fault[] = [
  {
    fault: "DSCO's token refused",
    seed: () => patient.set({ IPASS_DSCO_TOKEN: "canary-wrong-token" }),
    id: "dsco.hello",
    status: "fail",
    found: /dsco.hello: HTTP 401/,
    remedy: /IPASS_DSCO_TOKEN/,
    follow: () => patient.set({ IPASS_DSCO_TOKEN: SANDBOX_CREDENTIALS.dscoToken }),
  },
  {
    fault: "DSCO's client refused",
    seed: () => patient.set({ IPASS_DSCO_CLIENT_SECRET: "canary-wrong-secret" }),
    id: "dsco.hello",
    status: "fail",
    found: /dsco.token: HTTP 401: invalid_client/,
    remedy: /IPASS_DSCO_CLIENT_ID and IPASS_DSCO_CLIENT_SECRET/,
    follow: () => patient.set({ IPASS_DSCO_CLIENT_SECRET: SANDBOX_CREDENTIALS.dscoClientSecret }),
  },
  {
    fault: "DSCO out of reach",
    seed: async () => patient.set({ IPASS_DSCO_BASE_URL: `http://127.0.0.1:${await freePort()}/dsco` }),
    id: "dsco.hello",
    status: "fail",
    found: /could not connect \(ECONNREFUSED\)/,
    ...setting("IPASS_DSCO_BASE_URL", vendors.env.IPASS_DSCO_BASE_URL),
  },
  {
    fault: "DSCO down",
    seed: () => vendors.replaceFaults(["hello:503-before:1"]),
    id: "dsco.hello",
    status: "fail",
    found: /HTTP 503/,
    remedy: /run ipass doctor again in some minutes/,
    follow: () => vendors.replaceFaults([]),
  },
  {
    fault: "Lingxing out of reach",
    seed: async () => patient.set({ IPASS_LINGXING_BASE_URL: `http://127.0.0.1:${await freePort()}` }),
    id: "lingxing.orders",
    status: "fail",
    found: /could not connect \(ECONNREFUSED\)/,
    ...setting("IPASS_LINGXING_BASE_URL", vendors.env.IPASS_LINGXING_BASE_URL),
  },
  {
    fault: "a host that is not on Lingxing's whitelist",
    seed: () => vendors.changeSettings({ lingxingBlocked: true }),
    id: "lingxing.orders",
    status: "fail",
    found: /code 3001002/,
    remedy: /public IP address .* to the app's whitelist/,
    follow: () => vendors.changeSettings({ lingxingBlocked: false }),
  },
  {
    fault: "an interface Lingxing did not grant",
    seed: () => vendors.changeSettings({ lingxingUngranted: ["wms"] }),
    id: "lingxing.outbound",
    status: "fail",
    found: /lingxing.wms_order_list: .*code 2001004/,
    remedy: /have the interface granted to this appId/,
    follow: () => vendors.changeSettings({ lingxingUngranted: [] }),
  },
  {
    fault: "Lingxing's token dead",
    seed: () => patient.set({ IPASS_LINGXING_ACCESS_TOKEN: "canary-dead-token" }),
    id: "lingxing.orders",
    status: "fail",
    found: /code 2001005/,
    remedy: /IPASS_LINGXING_ACCESS_TOKEN or _APP_SECRET; with an app secret the token renews itself/,
    follow: () => patient.set({ IPASS_LINGXING_ACCESS_TOKEN: undefined }),
  },
  {
    fault: "another app's id",
    seed: () => patient.set({ IPASS_LINGXING_APP_ID: "ak_someoneelse01" }),
    id: "lingxing.orders",
    status: "fail",
    found: /code 2001001/,
    ...setting("IPASS_LINGXING_APP_ID", vendors.env.IPASS_LINGXING_APP_ID),
  },
  {
    fault: "signatures that are refused",
    seed: () => vendors.replaceFaults(["list:refuse-signature:1"]),
    id: "lingxing.orders",
    status: "fail",
    found: /code 2001006/,
    remedy: /check that IPASS_LINGXING_APP_ID is the app the token was issued for/,
    follow: () => vendors.replaceFaults([]),
  },
  {
    fault: "a clock Lingxing's signatures do not bear",
    seed: () => vendors.changeSettings({ lingxingClockMs: 125_000 }),
    id: "clock.lingxing",
    status: "fail",
    found: /the database's clock is 2 min behind compared with Lingxing's|the database's clock is 1\d\d s behind/,
    remedy: /set the clock of the database's server by NTP; there, as root: timedatectl set-ntp true$/,
    follow: () => vendors.changeSettings({ lingxingClockMs: 0 }),
  },
  {
    fault: "a clock DSCO's searches do not bear",
    seed: () => vendors.changeSettings({ dscoClockMs: -8_000 }),
    id: "clock.dsco",
    status: "fail",
    found: /ahead compared with DSCO's; DSCO refuses every pull/,
    remedy: /set the clock of the database's server by NTP/,
    follow: () => vendors.changeSettings({ dscoClockMs: 0 }),
  },
  {
    fault: "a warehouse DSCO does not know",
    seed: () => patient.set({ IPASS_STOCK_WID_TO_DSCO_WAREHOUSE_CODE_JSON: '{"1001":"WH-CA","1002":"WH-TX"}' }),
    id: "maps.dsco_warehouses",
    status: "fail",
    found: /DSCO has no warehouse WH-TX \(IPASS_STOCK_WID_TO_DSCO_WAREHOUSE_CODE_JSON\)/,
    remedy: /correct the map; DSCO has WH-CA, WH-NJ$/,
    follow: () => patient.set({ IPASS_STOCK_WID_TO_DSCO_WAREHOUSE_CODE_JSON: '{"1001":"WH-CA","1002":"WH-NJ"}' }),
  },
  {
    fault: "a warehouse Lingxing does not know, and one it has deleted",
    seed: () =>
      patient.set({ IPASS_STOCK_WID_TO_DSCO_WAREHOUSE_CODE_JSON: '{"1001":"WH-CA","4711":"WH-NJ","1009":"WH-NJ","2001":"WH-NJ"}' }),
    id: "maps.lingxing_warehouses",
    status: "fail",
    found: /Lingxing has no warehouse 4711 .*; deleted in Lingxing: 1009/,
    remedy: /correct the map; Lingxing has 1001 \(West\), 1002 \(East\), 2001 \(US West 3PL\)$/,
    follow: () => patient.set({ IPASS_STOCK_WID_TO_DSCO_WAREHOUSE_CODE_JSON: '{"1001":"WH-CA","1002":"WH-NJ","2001":"WH-NJ"}' }),
  },
  {
    fault: "a store Lingxing does not know",
    seed: () => patient.set({ IPASS_LINGXING_STORE_ID: "110000000000000009" }),
    id: "maps.stores",
    status: "fail",
    found: /platform 10009 has no store 110000000000000009 \(IPASS_LINGXING_STORE_ID\)/,
    remedy: /Lingxing has 110000000000000001 \(Sandbox store 1\)/,
    follow: () => patient.set({ IPASS_LINGXING_STORE_ID: "110000000000000001" }),
  },
  {
    fault: "SKUs one side does not know",
    seed: () => patient.set({ IPASS_STOCK_SKU_TO_DSCO_SKU_JSON: '{"NOT-IN-LINGXING":"NOT-AT-DSCO"}' }),
    id: "maps.skus",
    status: "warn",
    found: /DSCO does not know NOT-AT-DSCO; Lingxing lists no stock of NOT-IN-LINGXING/,
    remedy: /correct IPASS_STOCK_SKU_TO_DSCO_SKU_JSON/,
    follow: () => {
      const [sku = ""] = Object.keys(vendors.state().dsco.inventory);
      patient.set({ IPASS_STOCK_SKU_TO_DSCO_SKU_JSON: JSON.stringify({ [sku]: sku }) });
    },
  },
];

beforeEach(() => patient.recover());
afterEach(async () => {
  // Whatever a test left behind when it failed half way.
  await sql(
    "SET GLOBAL read_only = OFF; SET GLOBAL wait_timeout = 28800; SET GLOBAL max_allowed_packet = 16777216; SET GLOBAL init_connect = ''",
  );
  await sql("SET GLOBAL sql_mode = 'STRICT_TRANS_TABLES'");
});

describe("a healthy installation", () => {
  it("has nothing to complain of, and neither its tables nor the vendors change by being looked at", PATIENCE, async () => {
    const tables = async () => {
      const [rows] = (await sql(
        "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'ipass_patient' ORDER BY 1",
      )) as unknown as [{ name: string }[]];
      const [sums] = await sql(`CHECKSUM TABLE ${rows.map(({ name }) => name).join(", ")}`);
      return sums;
    };
    const before = await tables();
    vendors.resetStats();
    const { code, complaints } = await patient.examine();
    expect({ code, complaints }).toEqual({ code: 0, complaints: [] });
    expect(await tables()).toEqual(before);
    expect(Object.keys(vendors.stats().requests).sort()).toEqual([
      "dsco_warehouses",
      "hello",
      "list",
      "stock",
      "stores",
      "warehouses",
      "wms",
    ]);
  });

  it("is told of on a screen of 80 columns, without a colour where nobody looks", PATIENCE, async () => {
    const { code, stdout, stderr } = await patient.cli.run(["doctor"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/\n0 fail, 0 warn, \d+ pass\n$/);
    expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(stdout).not.toContain("\u001b");
  });

  it("is not asked of the vendors with --offline", PATIENCE, async () => {
    vendors.resetStats();
    const { document } = await patient.examine("--offline");
    expect(vendors.stats().total).toBe(0);
    expect(document.checks.filter(({ id }) => /^(dsco|lingxing|maps|clock\.(dsco|lingxing))/.test(id))).toEqual([]);
  });
});

const ALL = [
  ...DATABASE_FAULTS.map((fault): Fault => ({ ...fault, ...(/^clock/.test(fault.id) ? {} : { offline: true }) })),
  ...SETTING_FAULTS.map((fault): Fault => ({ ...fault, offline: true })),
  ...VENDOR_FAULTS,
];

it.each(ALL)("names $fault, and what it says to do helps", PATIENCE, async ({ seed, id, status, found, remedy, follow, offline }) => {
  const examine = () => (offline ? patient.examine("--offline") : patient.examine());
  await seed();
  const ill = await examine();
  const complaint = ill.check(id);
  expect(complaint).toMatchObject({ status, found: expect.stringMatching(found), next_step: expect.stringMatching(remedy) });
  expect(JSON.stringify(ill.document)).not.toMatch(/canary/);
  if (follow === "type") await patient.type(complaint.next_step);
  else await follow(complaint);
  const cured = await examine();
  expect(cured.check(id), JSON.stringify(cured.complaints)).toMatchObject({ status: "pass" });
});

describe("a disk", () => {
  /** The logs on a file system of their own, seen by processes that are started through it. */
  async function mounted(
    options: string,
  ): Promise<{ enter: (command: readonly string[]) => ReturnType<typeof spawnSync>; examine: () => Examination }> {
    const logs = join(patient.cli.cwd, "logs");
    const holder: ChildProcess = spawn("unshare", [
      "-Urm",
      "sh",
      "-c",
      `mount -t tmpfs -o ${options} tmpfs "$0" && echo ready && exec sleep 600`,
      logs,
    ]);
    onTestFinished(() => void holder.kill("SIGKILL"));
    await new Promise<void>((resolve, reject) => {
      holder.stdout?.once("data", () => resolve());
      holder.once("exit", () => reject(new Error("this machine lets nobody mount a tmpfs of their own (unshare -Urm)")));
    });
    const PATH = [join(patient.cli.cwd, "path"), join(process.execPath, ".."), process.env.PATH].join(":");
    const enter = (command: readonly string[]) =>
      // The folder is entered from inside: a working directory that came along would still be the one below the mount.
      spawnSync(
        "nsenter",
        ["-t", String(holder.pid), "-U", "-m", "--preserve-credentials", "sh", "-c", 'cd "$0" && exec "$@"', patient.cli.cwd, ...command],
        {
          encoding: "utf8",
          env: { PATH },
        },
      );
    return {
      enter,
      examine: () => {
        const { status, stdout } = enter(["ipass", "doctor", "--json", "--offline"]);
        return examination(status, String(stdout));
      },
    };
  }

  it("that is nearly full is named, and taking old logs away helps", PATIENCE, async () => {
    const { enter, examine } = await mounted("size=260m");
    expect(enter(["sh", "-c", "fallocate -l 250M logs/info.log.9 && touch -d '30 days ago' logs/info.log.9"]).status).toBe(0);
    const complaint = examine().check("log.space");
    expect(complaint).toMatchObject({ status: "fail", found: expect.stringMatching(/^\d MiB free on the disk of .*\/logs$|^10 MiB/) });
    const command = /: (find .*)$/.exec(complaint.next_step ?? "")?.[1] ?? "";
    expect(enter(["sh", "-c", command]).status).toBe(0);
    expect(examine().check("log.space")).toMatchObject({ status: "pass" });
  });

  it("that is read-only is named, and another directory helps", PATIENCE, async () => {
    const { examine } = await mounted("ro");
    const complaint = examine().check("log.directory");
    expect(complaint).toMatchObject({
      status: "fail",
      found: expect.stringContaining("(EROFS)"),
      next_step: expect.stringContaining("IPASS_LOG_DIR"),
    });
    patient.set({ IPASS_LOG_DIR: "other-logs" });
    expect(examine().check("log.directory")).toMatchObject({ status: "pass" });
    expect(existsSync(join(patient.cli.cwd, "other-logs"))).toBe(true);
  });
});

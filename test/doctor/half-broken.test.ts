import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { startSandbox } from "../../src/sandbox/server.ts";
import { useCli } from "../helpers/cli.ts";
import { useTestDatabase } from "../helpers/mysql.ts";
import { type Examination, examination } from "./patient.ts";

const database = await useTestDatabase();
const cli = useCli();
/** The whole is bound to half a minute; the rest is for a loaded machine. */
const PATIENCE = { timeout: 120_000 };

/** Takes connections and says nothing, as a network does that swallows packets. */
async function silentServer(): Promise<number> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => void sockets.push(socket.on("error", () => socket.destroy())));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  afterAll(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}

const vendors = await startSandbox({ orders: 1 });
afterAll(() => vendors.close());

async function examine(env: Readonly<Record<string, string>>): Promise<Examination> {
  const { code, stdout, stderr } = await cli.run(["doctor", "--json"], { env });
  expect(stderr).toBe("");
  return examination(code, stdout);
}
const statuses = ({ document }: Examination, ...ids: readonly string[]) =>
  Object.fromEntries(document.checks.filter(({ id }) => ids.includes(id)).map(({ id, status }) => [id, status]));

it("without a database, everything else is looked at all the same", PATIENCE, async () => {
  const found = await examine({ ...vendors.env, IPASS_DB_DSN: "mysql://u:p@127.0.0.1:1/db" });
  expect(statuses(found, "database.connection", "dsco.hello", "lingxing.orders", "lingxing.outbound", "lingxing.stock")).toEqual({
    "database.connection": "fail",
    "dsco.hello": "pass",
    "lingxing.orders": "pass",
    "lingxing.outbound": "pass",
    "lingxing.stock": "pass",
  });
  expect(statuses(found, "clock.dsco", "maps.dsco_warehouses", "maps.lingxing_warehouses", "maps.stores", "log.directory")).toEqual({
    "clock.dsco": "pass",
    "maps.dsco_warehouses": "pass",
    "maps.lingxing_warehouses": "pass",
    "maps.stores": "pass",
    "log.directory": "pass",
  });
  expect(found.check("clock.lingxing").found).toContain("this host's clock");
  expect(found.check("database.lock")).toMatchObject({ status: "warn", found: "not checked: there is no database to ask" });
});

it("without a database, no token is fetched that nobody could share", PATIENCE, async () => {
  const env = { ...vendors.env, IPASS_LINGXING_ACCESS_TOKEN: "", IPASS_LINGXING_APP_SECRET: "sandbox/not+a/secret==" };
  vendors.resetStats();
  const found = await examine({ ...env, IPASS_DB_DSN: "mysql://u:p@127.0.0.1:1/db" });
  expect(found.check("lingxing.orders")).toMatchObject({ status: "warn", found: "not checked: its token is kept in the database" });
  expect(found.check("dsco.hello")).toMatchObject({ status: "pass" });
  expect(vendors.stats().requests.token_issue).toBeUndefined();
});

it("without a vendor, the database is looked at all the same", PATIENCE, async () => {
  const gone = { IPASS_DSCO_BASE_URL: "https://dsco.invalid", IPASS_LINGXING_BASE_URL: "https://lingxing.invalid" };
  const found = await examine({ ...vendors.env, ...gone, IPASS_DB_DSN: database.dsn });
  expect(statuses(found, "dsco.hello", "lingxing.orders", "database.lock", "database.privileges", "database.time_zone")).toEqual({
    "dsco.hello": "fail",
    "lingxing.orders": "fail",
    "database.lock": "pass",
    "database.privileges": "pass",
    "database.time_zone": "pass",
  });
  expect(found.check("clock.dsco")).toMatchObject({ status: "warn", found: "not checked: nobody answers there" });
});

it("with settings broken on all sides, every one is named at once, and what can be looked at is", PATIENCE, async () => {
  const found = await examine({
    ...vendors.env,
    IPASS_DB_DSN: database.dsn,
    IPASS_DSCO_TOKEN: "two words",
    IPASS_HTTP_ADDR: "8080",
    IPASS_LINGXING_APP_ID: "short",
    IPASS_MAX_RETRY_PER_ORDER: "many",
    IPASS_JOB_PULL_DSCO_ORDERS_INTERVAL_SEC: "1m",
    IPASS_STORE_MAP_JSON: "@nowhere.json",
  });
  const wrong = found.document.checks.filter(({ id, status }) => id.startsWith("config.") && status === "fail").map(({ id }) => id);
  expect(wrong).toEqual([
    "config.IPASS_HTTP_ADDR",
    "config.IPASS_DSCO_TOKEN",
    "config.IPASS_LINGXING_APP_ID",
    "config.IPASS_MAX_RETRY_PER_ORDER",
    "config.IPASS_STORE_MAP_JSON",
    "config.IPASS_JOB_PULL_DSCO_ORDERS_INTERVAL_SEC",
  ]);
  expect(found.check("dsco.hello")).toMatchObject({ status: "warn", next_step: "first put right what is said of config.IPASS_DSCO_TOKEN" });
  expect(statuses(found, "clock.dsco", "clock.lingxing", "database.lock", "job.push_orders_to_lingxing")).toEqual({
    "clock.dsco": "pass",
    "clock.lingxing": "pass",
    "database.lock": "pass",
    "job.push_orders_to_lingxing": "warn",
  });
  expect(found.check("job.pull_dsco_orders").found).toBe("not checked: its settings cannot be used");
});

it("asks nothing of jobs that are switched off", PATIENCE, async () => {
  const off = ["PUSH_ORDERS_TO_LINGXING", "ACK_TO_DSCO", "SHIP_TO_DSCO", "SYNC_STOCK"].map((job) => [`IPASS_JOB_${job}_ENABLE`, "off"]);
  const { IPASS_DSCO_BASE_URL = "", IPASS_DSCO_TOKEN = "" } = vendors.env;
  vendors.resetStats();
  const found = await examine({ IPASS_DSCO_BASE_URL, IPASS_DSCO_TOKEN, IPASS_DB_DSN: database.dsn, ...Object.fromEntries(off) });
  expect(found.document.checks.filter(({ id, status }) => id.startsWith("config.") && status === "fail")).toEqual([]);
  expect(statuses(found, "lingxing.orders", "lingxing.stock", "maps.stores", "job.sync_stock")).toEqual({
    "lingxing.orders": "pass",
    "lingxing.stock": "pass",
    "maps.stores": "pass",
    "job.sync_stock": "pass",
  });
  expect(vendors.stats().requests).toEqual({ hello: 2 }); // one of them for the clock
});

it("ends in time, and with a word on each, where nothing is refused and nothing answered", PATIENCE, async () => {
  const port = await silentServer();
  const hole = `http://127.0.0.1:${port}`;
  const env = {
    ...vendors.env,
    IPASS_DB_DSN: `mysql://u:p@127.0.0.1:${port}/db`,
    IPASS_DSCO_BASE_URL: hole,
    IPASS_LINGXING_BASE_URL: hole,
  };
  const found = await examine(env);
  expect(found.check("database.connection")).toMatchObject({ status: "fail", found: expect.stringContaining("ETIMEDOUT: no answer") });
  expect(found.check("dsco.hello")).toMatchObject({ status: "fail", found: "no answer within 22 s" });
  expect(found.check("clock.dsco")).toMatchObject({ status: "warn", found: "not checked: no answer within 22 s" });
  expect(found.check("env_file")).toMatchObject({ status: "pass" });
});

it("a folder that is not ipass's is told by its own words", PATIENCE, async () => {
  const elsewhere = join(cli.cwd, "elsewhere");
  mkdirSync(elsewhere);
  const { code, stdout } = await cli.run(["doctor"], { cwd: elsewhere });
  expect(code).toBe(20);
  expect(stdout.replace(/\s+/g, " ")).toMatch(
    /^FAIL env_file no \S*elsewhere\/\.env, and no variable of ipass is set To do start ipass in/,
  );
});

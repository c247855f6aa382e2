import pLimit from "p-limit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isSecret } from "../../src/config/env.ts";
import { VARIABLE_NAMES } from "../../src/config/variables.ts";
import { JOB_NAMES, type JobName } from "../../src/sync/job-name.ts";
import { ADMIN_TOKEN, Canaries, DB_PASSWORD, PERSON, SECRET_TEXTS, SECRETS } from "../helpers/canaries.ts";
import { type CliResult, useCli } from "../helpers/cli.ts";
import { ECHO_NAMES, EchoingVendor, FOR_NOBODY } from "../helpers/echoing-vendor.ts";
import { useTestDatabase } from "../helpers/mysql.ts";
import { type Env, World } from "../jobs/world.ts";
import { COMMAND_LINES, type CommandLine, called, findKnown, type Known } from "./command-lines.ts";

const db = await useTestDatabase();
const world = new World(db, useCli({ IPASS_DB_DSN: db.dsn }));
const canaries = new Canaries(world);
let known: Known;
let echo: EchoingVendor;

beforeAll(async () => {
  await canaries.open(24, 12, { skus: 3 });
  await canaries.ipass(["migrate"]);
  await canaries.ranAllJobs();
  known = await findKnown(world, world.vendors.state().lingxing.stock[0]?.sku ?? "");
  await db.query("create table kept_state as select * from sync_order_state");
  echo = await EchoingVendor.start(canaries.buyers);
}, 60_000);
afterAll(async () => {
  echo.close();
  await world.close();
});

/** Processes at a time: as many as a small machine has cores; more where they wait between one try and the next. */
const atOnce = pLimit(2);
const waitingAtOnce = pLimit(4);
const BOTH_FORMS = [["--json"], []] as const;

/** Every line of the table, each as JSON and as text, one after the other; resolves to how they ended. */
async function walk(env: Env = {}): Promise<Map<CommandLine, CliResult[]>> {
  const ends = await Promise.all(
    COMMAND_LINES.map((line) =>
      atOnce(async () => {
        const results: CliResult[] = [];
        for (const form of BOTH_FORMS) {
          const call = called(line, [...(line.args?.(known) ?? []), ...form]);
          results.push(await canaries.ipass(call.args, { IPASS_ADMIN_TOKEN: ADMIN_TOKEN, ...env, ...call.env }));
        }
        return [line, results] as const;
      }),
    ),
  );
  return new Map(ends);
}

interface Some {
  readonly maxSec?: number;
  readonly jobs?: readonly JobName[];
}

/** Each job and the plan of the stock, every other one as JSON. Resolves to how they ended. */
async function runJobs(env: Env, { maxSec = 30, jobs = JOB_NAMES }: Some = {}): Promise<Readonly<Record<string, number | null>>> {
  const run = (job: string) => ["run", job, "--max-duration", String(maxSec)];
  // A stock pass and the plan of one keep each other out.
  const rows = [...jobs].reverse().map((job) => (job === "sync_stock" ? [run(job), ["stock", "diff"]] : [run(job)]));
  const ends = await Promise.all(
    rows.map((lines, at) =>
      waitingAtOnce(async () => {
        const codes: (readonly [string, number | null])[] = [];
        for (const line of lines) {
          const { code } = await canaries.ipass([...line, ...(BOTH_FORMS[at % 2] ?? [])], env);
          codes.push([line.slice(0, 2).join(" "), code]);
        }
        return codes;
      }),
    ),
  );
  return Object.fromEntries(ends.flat());
}

/** The jobs that ask a vendor what became of orders. */
const ASKING = { DSCO: ["ack_to_dsco", "ship_to_dsco", "invoice_to_dsco"], LINGXING: ["push_orders_to_lingxing"] } as const;

/** Whatever the pass before did with them, there are orders at every stage, and stock that DSCO does not have. */
async function workForEveryJob(): Promise<void> {
  await db.query("delete from sync_order_state");
  await db.query("insert into sync_order_state select * from kept_state");
  await db.query("delete from stock_level");
}

/** Of an order at each stage it is not known what became of it: in flight, its report taken or the answer lost, or due again. */
async function looseEnds(): Promise<void> {
  const sent = (stage: string) => `${stage}_sent_at = utc_timestamp(3) - interval 1 hour, ${stage}_next_attempt_at = null`;
  await db.query(`update sync_order_state set push_status = 9, ${sent("push")} where push_status = 0 limit 1`);
  await db.query(
    `update sync_order_state set ack_status = 9, ack_request_id = 'taken', ${sent("ack")} where push_status = 1 and ack_status = 0 limit 1`,
  );
  await db.query(`update sync_order_state set ship_status = 9, ${sent("ship")} where ack_status = 1 and ship_status = 0 limit 1`);
  await db.query(`update sync_order_state set ${sent("invoice")} where ship_status = 1 and invoice_status = 0 limit 1`);
}

describe("no secret and no personal data shows in any command line", () => {
  it("when the database does not take the password", { timeout: 60_000 }, async () => {
    const dsn = new URL(db.dsn);
    dsn.password = DB_PASSWORD;
    const ends = await walk({ IPASS_DB_DSN: dsn.href });
    for (const [{ words, without }, results] of ends)
      if (without !== undefined) for (const { code } of results) expect(code, words).toBe(without.database);
    await canaries.expectNothingLeaked();
  });

  it("when a secret stands in every other variable, under unknown names, and in a DSN that nobody can read", {
    timeout: 60_000,
  }, async () => {
    const misplaced = VARIABLE_NAMES.map((name, at) => {
      const secret = SECRET_TEXTS[at % SECRET_TEXTS.length] ?? "";
      return [name, isSecret(name) ? `${secret} ${secret}` : secret]; // a header cannot carry a space
    });
    const ends = await walk({
      ...Object.fromEntries(misplaced),
      IPASS_LOG_DIR: "logs",
      IPASS_DSCO_TOKN: SECRETS.dscoToken,
      IPASS_DB_PASSWORD: DB_PASSWORD,
      IPASS_DB_DSN: `ipass:${DB_PASSWORD}@tcp(127.0.0.1:x)/db`,
    });
    for (const [{ words, without }, results] of ends)
      if (without !== undefined) for (const { code } of results) expect(code, words).toBe(without.settings);
    await canaries.expectNothingLeaked();
  });

  it.each([
    {
      kind: "tokens",
      env: { IPASS_DSCO_TOKEN: SECRETS.lingxingAccessToken, IPASS_LINGXING_ACCESS_TOKEN: SECRETS.dscoToken },
    },
    {
      kind: "secrets",
      env: {
        IPASS_DSCO_TOKEN: "",
        IPASS_DSCO_CLIENT_ID: SECRETS.dscoClientId,
        IPASS_DSCO_CLIENT_SECRET: SECRETS.lingxingAppSecret,
        IPASS_LINGXING_ACCESS_TOKEN: "",
        IPASS_LINGXING_APP_SECRET: SECRETS.dscoClientSecret,
      },
    },
  ])("when both vendors refuse the $kind", async ({ env }) => {
    await workForEveryJob();
    const [doctor, ends] = await Promise.all([canaries.ipass(["doctor"], env), runJobs(env)]);
    expect(doctor.code).toBe(20);
    expect(ends).toEqual({ ...Object.fromEntries(JOB_NAMES.map((job) => [`run ${job}`, 12])), "stock diff": 12 });
    await canaries.expectNothingLeaked();
  });

  it.each(ECHO_NAMES)("when DSCO or Lingxing quotes everything, %s", { timeout: 60_000 }, async (way) => {
    echo.way = way;
    const urlOf = (vendor: string, path = "") => ({ [`IPASS_${vendor}_BASE_URL`]: `${echo.url}${path}/${vendor}` });
    const doctor = canaries.ipass(["doctor"], { ...urlOf("DSCO", FOR_NOBODY), ...urlOf("LINGXING", FOR_NOBODY) });
    for (const vendor of ["DSCO", "LINGXING"] as const) {
      const maxSec = way.startsWith("refusing") ? 30 : 2; // a no is not asked again
      await workForEveryJob();
      await runJobs({ ...urlOf(vendor), IPASS_MAX_RETRY_PER_ORDER: "2" }, { maxSec });
      await workForEveryJob();
      await looseEnds();
      await runJobs(urlOf(vendor), { maxSec, jobs: ASKING[vendor] });
    }
    await canaries.ipass(["run", "pull_dsco_orders", "--order", known.order, "--max-duration", "2"], urlOf("DSCO"));
    expect((await doctor).code).toBe(20);
    await canaries.expectNothingLeaked();
  });

  it("when all goes its way, and all of that is on record", { timeout: 60_000 }, async () => {
    expect([...echo.heard], "both vendors' writes and look-ups were quoted").toEqual(
      expect.arrayContaining([
        "POST /DSCO/order/acknowledge about orders",
        "POST /DSCO/order/shipment/batch/small about orders",
        "POST /DSCO/invoice/batch/small about orders",
        "POST /DSCO/inventory/batch/small",
        "POST /LINGXING/pb/mp/order/v2/create about orders",
        "GET /DSCO/order/ about orders",
        "GET /DSCO/order/log about orders",
        "GET /DSCO/invoice about orders",
        "POST /LINGXING/pb/mp/order/v2/list about orders",
      ]),
    );
    const raw = await db.query<{ payload: string }>("select payload from dsco_order_raw");
    expect(JSON.stringify(raw), "there is something to leak").toContain(PERSON.name);
    await workForEveryJob();
    const ends = await walk();
    for (const [{ words, code = 0 }, results] of ends)
      for (const result of results) expect(result.code, `${words}: ${result.stdout}${result.stderr}`).toBe(words === "doctor" ? 0 : code); // the tables are recorded here
    await canaries.expectNothingLeaked();
  });
});

// Fills a database with the rows that months of passes would have left, in the mix they would have left them: for measuring what people
// read (`ipass status`, the admin) among a million orders. The rows are made by the database itself, a hundred thousand a second; the
// SQL is the part that MySQL, MariaDB and TiDB share, and the same numbers give the same rows.
import { FINISHED, OPEN, RUN_ENDS, SAMPLE_ORDER } from "./seed-mix.mjs";

/** @typedef {import("./seed-mix.mjs").Situation} Situation */
/** @typedef {(sql: string, bindings: readonly unknown[]) => Promise<unknown>} Run runs one statement, `?` bound as mysql2 binds */
/** @typedef {{ orders: number, openShare: number, ordersPerDay: number, skus: number, now: Date }} SeedOptions */
/** @typedef {{ firstId: string, lastId: string, openFrom: string }} Seeded ids, in the order of age: those before `openFrom` are of former days */

/** Rows of one statement. */
const CHUNK = 10_000;
/** All ids have as many digits, so that their order as text is their order in time. */
const FIRST_ID = 3_000_000_001;
const STAGES = /** @type {const} */ (["push", "ack", "ship", "invoice"]);
/** Each job, and once in how many minutes it runs. */
const JOBS = { pull_dsco_orders: 1, push_orders_to_lingxing: 1, ack_to_dsco: 1, ship_to_dsco: 1, invoice_to_dsco: 1, sync_stock: 5 };
const TABLES = ["sync_order_state", "dsco_order_raw", "order_event", "manual_task", "job_run", "job_watermark", "stock_level"];
const STORE_ID = "110000000000000001";

/** Minutes from an order's arrival to the end of each stage. */
const STAGE_MINUTES = { push: 2, ack: 180, ship: 1500, invoice: 1502 };

/**
 * @param {Run} run on a migrated database that holds none of these rows yet
 * @param {Partial<SeedOptions> & { orders: number }} options
 * @returns {Promise<Seeded>}
 */
export async function seedHistory(run, { orders, openShare = 0.01, ordersPerDay = 10_000, skus = 2_000, now = new Date() }) {
  const options = { orders, openShare, ordersPerDay, skus, now };
  const open = Math.max(1, Math.round(orders * openShare));
  for (const [from, to] of chunks(1, orders - open)) await seedOrders(run, from, to, FINISHED, options);
  for (const [from, to] of chunks(orders - open + 1, orders)) await seedOrders(run, from, to, OPEN, options);
  const minutes = Math.max(10, Math.round((orders / ordersPerDay) * 1440));
  for (const [from, to] of chunks(1, minutes)) await seedRuns(run, from, to, minutes, now);
  await seedWatermarks(run, now);
  for (const [from, to] of chunks(1, skus)) await seedStock(run, from, to, now);
  // The planner decides by statistics, which the server otherwise brings up to date at some time of its own choosing.
  await run(`ANALYZE TABLE ${TABLES.join(", ")}`, []);
  return { firstId: idOf(1), lastId: idOf(orders), openFrom: idOf(orders - open + 1) };
}

/**
 * Orders of the last minutes that all stand at the same place, due now.
 * @param {Run} run
 * @param {{ orders: number, stages: Situation["stages"], now: Date }} options
 */
export async function seedWaiting(run, { orders, stages, now }) {
  const options = { orders, openShare: 1, ordersPerDay: orders * 1000, skus: 0, now };
  const mix = [{ perMille: 1000, stages, dscoStatus: "created" }];
  for (const [from, to] of chunks(1, orders)) await seedOrders(run, from, to, mix, options);
  await run(`ANALYZE TABLE ${TABLES.join(", ")}`, []);
}

/**
 * The nth order's id, from 1.
 * @param {number} n
 */
export function idOf(n) {
  return String(FIRST_ID + n - 1);
}

/**
 * @param {Run} run
 * @param {number} from
 * @param {number} to
 * @param {readonly Situation[]} mix
 * @param {SeedOptions} options
 */
async function seedOrders(run, from, to, mix, options) {
  await seedStates(run, from, to, mix, options);
  const range = [idOf(from), idOf(to)];
  await seedTexts(run, range);
  await seedEvents(run, range);
  await seedTasks(run, range);
}

/**
 * @param {Run} run
 * @param {number} from
 * @param {number} to
 * @param {readonly Situation[]} mix
 * @param {SeedOptions} options
 */
async function seedStates(run, from, to, mix, { orders, ordersPerDay, now }) {
  const perStage = STAGES.map((stage) => {
    const ended = `LEAST(o.created_at + INTERVAL ${STAGE_MINUTES[stage]} MINUTE, o.moment)`;
    const here = `m.at_stage = '${stage}'`;
    return {
      [`${stage}_status`]: `m.${stage}`,
      [`${stage}_at`]: `IF(m.${stage} = 0, NULL, ${ended})`,
      [`${stage}_sent_at`]: `IF(m.${stage} IN (1, 2, 9), ${ended}, NULL)`,
      [`${stage}_run_id`]: `IF(m.${stage} IN (1, 9), 1 + FLOOR(o.n / 50), NULL)`,
      [`${stage}_request_id`]: `IF(m.${stage} IN (1, 9), CONCAT('${stage}-', FLOOR(o.n / 200)), NULL)`,
      [`${stage}_retry_count`]: `IF(${here}, m.retries, 0)`,
      [`${stage}_error`]: `IF(${here}, m.error, NULL)`,
      [`${stage}_hold`]: `IF(m.${stage} = 3 OR m.hold = 'cancelled', m.hold, NULL)`,
      [`${stage}_waits_for`]: `IF(${here}, m.waits_for, NULL)`,
      [`${stage}_next_attempt_at`]: `IF(${here} AND m.next_minutes IS NOT NULL, o.moment + INTERVAL MOD(o.n, m.next_minutes) MINUTE, NULL)`,
    };
  });
  const columns = {
    dsco_order_id: "o.id",
    po_number: "CONCAT('PO-', o.id)",
    dsco_status: "m.dsco_status",
    cancel_applied: "IF(m.dsco_status = 'cancelled', 1, 0)",
    acknowledge_by_date: "o.created_at + INTERVAL 4 HOUR",
    ship_by_date: "o.created_at + INTERVAL 2 DAY",
    platform_order_no: "IF(m.push IN (1, 2, 9), o.id, NULL)",
    store_id: `IF(m.push IN (1, 2, 9), '${STORE_ID}', NULL)`,
    lingxing_global_order_no: "IF(m.push = 1, CONCAT('1033', o.id, '0000'), NULL)",
    fingerprint: "IF(m.push IN (1, 9), REPEAT(SHA2(o.id, 256), 3), NULL)",
    shipped_tracking_no: "IF(m.ship IN (1, 9), CONCAT('1ZSEED', o.id), NULL)",
    dsco_invoice_id: "IF(m.invoice = 1, CONCAT('INV-', o.id), NULL)",
    ...Object.assign({}, ...perStage),
    created_at: "o.created_at",
    updated_at: "o.created_at",
  };
  const order = `SELECT n, CAST(${FIRST_ID - 1} + n AS CHAR) AS id, CAST(? AS DATETIME(3)) AS moment,
      CAST(? AS DATETIME(3)) - INTERVAL ROUND((? - n) * ?) SECOND AS created_at FROM (${numbers(from, to)}) numbers`;
  await run(
    `INSERT INTO sync_order_state (${Object.keys(columns).join(", ")}) SELECT ${Object.values(columns).join(", ")}
     FROM (${order}) o JOIN (${mix.map(situationRow).join(" UNION ALL ")}) m ON MOD(o.n * 617, 1000) BETWEEN m.first_slot AND m.last_slot ORDER BY o.n`,
    [now, now, orders, 86_400 / ordersPerDay],
  );
}

/**
 * Latest texts as DSCO sends them, of the size they have.
 * @param {Run} run
 * @param {string[]} range
 */
async function seedTexts(run, range) {
  await run(
    `INSERT INTO dsco_order_raw (dsco_order_id, payload, payload_hash, dsco_last_update, fetched_at)
     SELECT dsco_order_id, REPLACE(?, '<id>', dsco_order_id), SHA2(dsco_order_id, 256), created_at, created_at
     FROM sync_order_state WHERE dsco_order_id BETWEEN ? AND ? ORDER BY dsco_order_id`,
    [SAMPLE_ORDER, ...range],
  );
}

/**
 * What happens to an order lies far apart in the table, as it does when passes write a page of orders at a time.
 * @param {Run} run
 * @param {string[]} range
 */
async function seedEvents(run, range) {
  /** @param {string} values @param {string} where */
  const add = (values, where) =>
    run(
      `INSERT INTO order_event (dsco_order_id, at, job_run_id, trace_id, stage, event, request_id, detail)
       SELECT dsco_order_id, ${values} FROM sync_order_state WHERE dsco_order_id BETWEEN ? AND ? AND ${where} ORDER BY dsco_order_id`,
      range,
    );
  const traceId = "CONCAT('00000000-0000-4000-8000-', LPAD(COALESCE(push_run_id, 0), 12, '0'))";
  await add(`created_at, 1, ${traceId}, NULL, 'order_new', NULL, '{"dsco_status":"created"}'`, "1 = 1");
  for (const stage of STAGES) {
    const mine = `${stage}_run_id, ${traceId}, '${stage}'`;
    if (stage !== "push") await add(`${stage}_at, ${mine}, '${stage}_queued', ${stage}_request_id, NULL`, `${stage}_status IN (1, 9)`);
    await add(`${stage}_at, ${mine}, '${stage}_done', ${stage}_request_id, NULL`, `${stage}_status = 1`);
    await add(
      `${stage}_at, NULL, ${traceId}, '${stage}', IF(${stage}_status = 2, '${stage}_failed', '${stage}_needs_person'), NULL, '{"cause":"seeded"}'`,
      `${stage}_status IN (2, 3)`,
    );
  }
}

/**
 * A task for whatever waits for a person, and one in a hundred orders whose task is long resolved.
 * @param {Run} run
 * @param {string[]} range
 */
async function seedTasks(run, range) {
  const columns = "task_type, dsco_order_id, stage, status, payload, fingerprint, next_step, created_at, updated_at, resolved_by, reason";
  for (const stage of STAGES) {
    await run(
      `INSERT INTO manual_task (${columns})
       SELECT ${stage}_hold, dsco_order_id, '${stage}', 0, '{"cause":"seeded"}', SHA2(CONCAT('open ${stage} ', dsco_order_id), 256),
         'look at the order in Lingxing', ${stage}_at, ${stage}_at, NULL, NULL
       FROM sync_order_state WHERE dsco_order_id BETWEEN ? AND ? AND ${stage}_status = 3 ORDER BY dsco_order_id`,
      range,
    );
  }
  await run(
    `INSERT INTO manual_task (${columns})
     SELECT 'sync_failed', dsco_order_id, 'ack', 2, '{"cause":"seeded"}', SHA2(CONCAT('resolved ', dsco_order_id), 256),
       'look at the order in Lingxing', ack_at, ship_at, 'ipass', 'the cause is gone'
     FROM sync_order_state WHERE dsco_order_id BETWEEN ? AND ? AND invoice_status = 1 AND RIGHT(dsco_order_id, 2) = '37' ORDER BY dsco_order_id`,
    range,
  );
}

/**
 * Of a thousand runs three hundred did something.
 * @param {Run} run
 * @param {number} from minutes since the first run
 * @param {number} to
 * @param {number} last
 * @param {Date} now
 */
async function seedRuns(run, from, to, last, now) {
  const jobs = Object.entries(JOBS).map(([job, every], place) => `SELECT '${job}' AS job_name, ${every} AS every, ${place} AS place`);
  const runs = `SELECT n, job_name, place, MOD(n * 617 + place * 131, 1000) AS slot, CAST(? AS DATETIME(3)) - INTERVAL (? - n + 1) MINUTE AS started_at
      FROM (${numbers(from, to)}) numbers JOIN (${jobs.join(" UNION ALL ")}) jobs ON MOD(n, every) = 0`;
  /** @param {string} before The pull moves its watermark with every pass. */
  const watermark = (before) =>
    `IF(place = 0, CONCAT('{"mode":"updatedSince","since":"', DATE_FORMAT(started_at - ${before}, '%Y-%m-%dT%H:%i:%s.000Z'), '"}'), NULL)`;
  const [done, waiting, manual] = ["IF(slot < 300, MOD(slot, 30), 0)", "MOD(slot, 11)", "IF(exit_code = 3, 1, 0)"];
  await run(
    `INSERT INTO job_run (job_name, trace_id, host, pid, started_at, ended_at, exit_code, exit_name, items_read, items_done, items_waiting, items_manual,
       watermark_before, watermark_after)
     SELECT job_name, CONCAT('00000000-0000-4000-9000-', LPAD(n * 6 + place, 12, '0')), 'seeded', 1000 + MOD(n, 30000), started_at,
       started_at + INTERVAL 2 SECOND, exit_code, exit_name, ${done} + ${waiting} + ${manual}, ${done}, ${waiting}, ${manual},
       ${watermark("INTERVAL 1 MINUTE")}, ${watermark("INTERVAL 0 MINUTE")}
     FROM (${runs}) r JOIN (${RUN_ENDS.map(endRow).join(" UNION ALL ")}) ends ON slot BETWEEN first_slot AND last_slot ORDER BY n, place`,
    [now, last],
  );
}

/**
 * @param {Run} run
 * @param {Date} now
 */
async function seedWatermarks(run, now) {
  const seconds = Math.floor(now.getTime() / 1000) - 60;
  const pull = JSON.stringify({ mode: "updatedSince", since: new Date(seconds * 1000).toISOString() });
  const feed = JSON.stringify({ mode: "update_time", since: seconds });
  await run("INSERT INTO job_watermark (job_name, watermark, updated_at) VALUES (?, ?, ?), (?, ?, ?), (?, ?, ?)", [
    "pull_dsco_orders",
    pull,
    now,
    "ack_to_dsco",
    feed,
    now,
    "ship_to_dsco",
    feed,
    now,
  ]);
}

/**
 * Two warehouses for each SKU; one SKU in a hundred was refused.
 * @param {Run} run
 * @param {number} from
 * @param {number} to
 * @param {Date} now
 */
async function seedStock(run, from, to, now) {
  await run(
    `INSERT INTO stock_level (dsco_sku, warehouse_code, status, confirmed_quantity, confirmed_at, sent_quantity, sent_at, run_id, request_id, retry_count, error, next_attempt_at)
     SELECT CONCAT('SEED-', LPAD(numbers.n, 7, '0')), w.code, IF(MOD(numbers.n, 100) = 0, 2, 1), MOD(numbers.n * 7, 200), ?, MOD(numbers.n * 7, 200), ?, 1,
       CONCAT('stock-', FLOOR(numbers.n / 1000)), IF(MOD(numbers.n, 100) = 0, 1, 0), IF(MOD(numbers.n, 100) = 0, 'unknown item', NULL),
       IF(MOD(numbers.n, 100) = 0, CAST(? AS DATETIME(3)) + INTERVAL 1 HOUR, NULL)
     FROM (${numbers(from, to)}) numbers JOIN (SELECT 'WH-CA' AS code UNION ALL SELECT 'WH-NJ') w ORDER BY numbers.n, w.code`,
    [now, now, now],
  );
}

/**
 * @param {number} from
 * @param {number} to
 * @returns {[number, number][]}
 */
function chunks(from, to) {
  return Array.from({ length: Math.max(0, Math.ceil((to - from + 1) / CHUNK)) }, (_, index) => [
    from + index * CHUNK,
    Math.min(to, from + (index + 1) * CHUNK - 1),
  ]);
}

/**
 * The numbers from one to the other, CHUNK at most: ten digits, multiplied by themselves.
 * @param {number} from
 * @param {number} to
 */
function numbers(from, to) {
  const digits = `(${Array.from({ length: 10 }, (_, digit) => `SELECT ${digit} AS d`).join(" UNION ALL ")})`;
  const n = `${from} + a.d + b.d * 10 + c.d * 100 + e.d * 1000`;
  return `SELECT ${n} AS n FROM ${["a", "b", "c", "e"].map((name) => `${digits} ${name}`).join(" JOIN ")} WHERE ${n} <= ${to}`;
}

/**
 * @param {Situation} situation
 * @param {number} index
 * @param {readonly Situation[]} all
 */
function situationRow({ stages, dscoStatus, at, retries, error, hold, waitsFor, nextMinutes }, index, all) {
  const [push, ack, ship, invoice] = stages;
  const about = {
    dsco_status: text(dscoStatus),
    at_stage: text(at ?? ""),
    error: text(error),
    hold: text(hold),
    waits_for: text(waitsFor),
  };
  return constants({
    ...slots(index, all),
    push,
    ack,
    ship,
    invoice,
    ...about,
    retries: retries ?? 0,
    next_minutes: nextMinutes ?? "NULL",
  });
}

/**
 * @param {import("./seed-mix.mjs").RunEnd} end
 * @param {number} index
 * @param {readonly import("./seed-mix.mjs").RunEnd[]} all
 */
function endRow({ code, name }, index, all) {
  return constants({ ...slots(index, all), exit_code: code ?? "NULL", exit_name: text(name) });
}

/**
 * Which of the thousand slots one of a mix takes.
 * @param {number} index
 * @param {readonly { perMille: number }[]} all
 */
function slots(index, all) {
  const first = all.slice(0, index).reduce((sum, { perMille }) => sum + perMille, 0);
  return { first_slot: first, last_slot: first + (all[index]?.perMille ?? 0) - 1 };
}

/** @param {Record<string, string | number>} values */
function constants(values) {
  return `SELECT ${Object.entries(values)
    .map(([name, value]) => `${value} AS ${name}`)
    .join(", ")}`;
}

/** @param {string | undefined} value of our own making: without quotes */
function text(value) {
  return value === undefined ? "NULL" : `'${value}'`;
}

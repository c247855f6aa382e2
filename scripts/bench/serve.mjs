// Whether `ipass serve` holds out: two minutes of requests of every kind, with passes of all jobs among them.
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { startAdmin } from "./admin.mjs";
import { round } from "./figure.mjs";
import { adminDay, putUnderLoad } from "./load.mjs";
import { withWorld } from "./passes.mjs";
import { seedHistory } from "./seed.mjs";

const PER_SECOND = 200;
const ORDERS = 20_000;
const JOBS = ["pull_dsco_orders", "push_orders_to_lingxing", "ack_to_dsco", "ship_to_dsco", "invoice_to_dsco", "sync_stock"];
/** A pass every two seconds. */
const RUN_EVERY = 2 * PER_SECOND;
const WARM_UP_SEC = 20;
/** As many as the admin's pool may hold. */
const POOL = 5;
const FLAT = 1.1;
const SETTLED_WITHIN_SEC = 30;

/**
 * @param {string} server
 * @param {{ seconds: number, log: (line: string) => void }} options
 * @returns {Promise<import("./figure.mjs").Section>}
 */
export async function measureServe(server, { seconds, log }) {
  return withWorld(server, { orders: 1000, latencyMs: 50 }, async (world) => {
    const { firstId, openFrom, lastId } = await seedHistory((sql, bindings) => world.database.query(sql, bindings), {
      orders: ORDERS,
      skus: 0,
    });
    await world.pass("pull_dsco_orders");
    const before = await connections(world);
    const admin = await startAdmin(world);
    const shares = adminDay({ ids: [firstId, openFrom, lastId], jobs: JOBS, runEvery: RUN_EVERY });
    const ask = { url: admin.url, headers: admin.headers, perSecond: PER_SECOND, shares };
    await putUnderLoad({ ...ask, seconds: WARM_UP_SEC });
    const files = openFiles(admin.pid);
    /** @type {number[]} */
    const rss = [];
    const load = await putUnderLoad({
      ...ask,
      seconds,
      onSecond: (second) => {
        rss.push(memoryMb(admin.pid));
        if (second % 10 === 0) log(`${second} s: ${rss.at(-1)} MB, ${openFiles(admin.pid)} open files`);
      },
    });
    const left = await settled(async () => (await connections(world)) - before, POOL);
    const filesLeft = await settled(async () => openFiles(admin.pid) - files, POOL);
    const half = Math.floor(rss.length / 2);
    const [early, late] = [Math.max(...rss.slice(0, half)), Math.max(...rss.slice(half))];
    const serverErrors = Object.entries(load.statuses).reduce((all, [status, count]) => all + (Number(status) >= 500 ? count : 0), 0);
    await admin.stop();
    for (const line of [...load.serverErrors, ...load.broken]) log(line);
    return {
      title: "The admin under load",
      about: `ipass serve, ${PER_SECOND} requests a second for ${seconds} s after ${WARM_UP_SEC} s of warming up, among ${ORDERS} orders: reads, pages, refusals, callers that hang up, and a pass every ${RUN_EVERY / PER_SECOND} s.`,
      columns: ["answers", "by status", "hung up", "read p50 ms", "p99 ms", "peak MB, first half", "second half"],
      rows: [
        [
          load.asked,
          Object.entries(load.statuses)
            .map(([status, count]) => `${status}: ${count}`)
            .join(", "),
          load.hungUp,
          round(load.p50, 1),
          round(load.p99, 1),
          early,
          late,
        ],
      ],
      checks: [
        { name: "behind the pace, at the worst", value: round(load.lateMs / 1000, 2), unit: "s", budget: 1 },
        { name: "answers 5xx", value: serverErrors, unit: "answers", budget: 0 },
        { name: "requests without an answer", value: load.broken.length, unit: "requests", budget: 0 },
        { name: "memory, second half to first", value: round(late / early, 2), unit: "×", budget: FLAT },
        { name: "connections to the database left", value: left, unit: "connections", budget: POOL },
        { name: "open files more than after warming up", value: filesLeft, unit: "files", budget: POOL },
      ],
    };
  });
}

/** @param {import("./world.mjs").BenchWorld} world */
async function connections(world) {
  const [row] = await world.database.query("SELECT COUNT(*) AS open FROM information_schema.processlist WHERE db = DATABASE()");
  return Number(row?.open);
}

/** @param {number} pid */
function openFiles(pid) {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** @param {number} pid */
function memoryMb(pid) {
  return Math.round(Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024);
}

/**
 * The number once it is at most `enough`; what it is after a while, if it never is.
 * @param {() => Promise<number>} count
 * @param {number} enough
 */
async function settled(count, enough) {
  for (let waited = 0; ; waited += 1) {
    const now = await count();
    if (now <= enough || waited >= SETTLED_WITHIN_SEC) return now;
    await sleep(1000);
  }
}

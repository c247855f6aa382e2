// Whether a backlog is held in memory: it must not be, since the day on which everything waits is the day on which ipass must not fall.
import { round } from "./figure.mjs";
import { withWorld } from "./passes.mjs";
import { seedWaiting } from "./seed.mjs";

/** A pass ends in order at its time limit (15), with some still waiting: it has held as much as it ever does. */
const MAX_DURATION_SEC = 60;
/**
 * Ten times as much waits, and a pass may hold no more; the garbage that V8 lets lie makes one measurement differ from the next. Below ten
 * pages the smaller of the two is over before there is any.
 */
const MOST_GROWTH = 1.2;
const MOST_MB = 200;

/** Where the orders wait, and for which job. @type {{ job: string, stages: import("./seed-mix.mjs").Situation["stages"] }[]} */
const WAITING = [
  { job: "push_orders_to_lingxing", stages: [0, 0, 0, 0] },
  { job: "ack_to_dsco", stages: [1, 0, 0, 0] },
  { job: "invoice_to_dsco", stages: [1, 1, 1, 0] },
];

/**
 * @param {string} server
 * @param {{ sizes: number[] }} options orders that wait, ten times as many each time; a thousand is one page
 * @returns {Promise<import("./figure.mjs").Section>}
 */
export async function measureMemory(server, { sizes }) {
  /** @type {(string | number)[][]} */
  const rows = [];
  /** @type {import("./figure.mjs").Figure[]} */
  const checks = [];
  for (const { job, stages } of WAITING) {
    /** @type {number[]} */
    const peaks = [];
    for (const size of sizes) {
      const { counts, cost } = await passOver(server, job, stages, size);
      peaks.push(cost.peak_rss_mb);
      rows.push([job, size, counts.read, round(cost.peak_rss_mb)]);
    }
    const [before = 0, last = 0] = peaks.slice(-2);
    const [from, to] = sizes.slice(-2).map((size) => size.toLocaleString("en"));
    checks.push(
      { name: `${job}, memory from ${from} to ${to} waiting`, value: round(last / before, 2), unit: "×", budget: MOST_GROWTH },
      { name: `${job}, memory with ${to} waiting`, value: round(last), unit: "MB", budget: MOST_MB },
    );
  }
  return {
    title: "Memory by backlog",
    about: `Peak memory of one pass while so many orders wait for it; a pass is ended after ${MAX_DURATION_SEC} s.`,
    columns: ["job", "waiting", "worked on", "peak MB"],
    rows,
    checks,
  };
}

/**
 * @param {string} server
 * @param {string} job
 * @param {import("./seed-mix.mjs").Situation["stages"]} stages
 * @param {number} orders
 */
async function passOver(server, job, stages, orders) {
  return withWorld(server, {}, async (world) => {
    await seedWaiting((sql, bindings) => world.database.query(sql, bindings), { orders, stages, now: new Date() });
    return world.pass(job, { args: ["--max-duration", String(MAX_DURATION_SEC)], exits: [0, 3, 15] });
  });
}

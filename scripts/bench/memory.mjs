// Whether a backlog is held in memory: it must not be, since the day on which everything waits is the day on which ipass must not fall.
import { round } from "./figure.mjs";
import { withWorld } from "./passes.mjs";
import { seedWaiting } from "./seed.mjs";

/** A pass ends in order at its time limit (15), with some still waiting: it has held as much as it ever does. */
const MAX_DURATION_SEC = 60;
/** One page of orders, and ten: from the second on a pass keeps no more than before, however many are behind it. */
const ONE_PAGE = 1000;
const TEN_PAGES = 10_000;

/** Where the orders wait, and for which job. @type {{ job: string, stages: import("./seed-mix.mjs").Situation["stages"] }[]} */
const WAITING = [
  { job: "push_orders_to_lingxing", stages: [0, 0, 0, 0] },
  { job: "ack_to_dsco", stages: [1, 0, 0, 0] },
  { job: "invoice_to_dsco", stages: [1, 1, 1, 0] },
];

/**
 * @param {string} server
 * @param {{ large: number }} options
 * @returns {Promise<import("./figure.mjs").Section>}
 */
export async function measureMemory(server, { large }) {
  /** @type {(string | number)[][]} */
  const rows = [];
  /** @type {import("./figure.mjs").Figure[]} */
  const checks = [];
  for (const { job, stages } of WAITING) {
    const [one, ten, many] = [
      await passOver(server, job, stages, ONE_PAGE),
      await passOver(server, job, stages, TEN_PAGES),
      await passOver(server, job, stages, large),
    ];
    const ratio = round(many.cost.peak_rss_mb / ten.cost.peak_rss_mb, 2);
    rows.push(
      [job, ONE_PAGE, one.counts.read, round(one.cost.peak_rss_mb)],
      [job, TEN_PAGES, ten.counts.read, round(ten.cost.peak_rss_mb)],
      [job, large, many.counts.read, round(many.cost.peak_rss_mb)],
    );
    checks.push(
      { name: `${job}, memory from 10,000 to ${large} waiting`, value: ratio, unit: "×", budget: 1.2 },
      { name: `${job}, memory with ${large} waiting`, value: round(many.cost.peak_rss_mb), unit: "MB", budget: 200 },
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

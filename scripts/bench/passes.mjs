// Orders end to end, stock, and what of it is our own cost.
import { round, sum } from "./figure.mjs";
import { orderPasses, stockPass } from "./life.mjs";
import { BenchWorld } from "./world.mjs";

/** @typedef {import("./figure.mjs").Section} Section */
/** @typedef {import("./world.mjs").Pass} Pass */

/** A vendor on the other side of the world, near enough: what a request costs in waiting. */
const LATENCY_MS = 50;

/**
 * Orders from the pull to the confirmed invoice, sizes one after another: the growth curve.
 * @param {string} server
 * @param {{ sizes: number[] }} options
 * @returns {Promise<Section>}
 */
export async function measureOrders(server, { sizes }) {
  /** @type {Section["rows"]} */
  const rows = [];
  /** @type {Section["checks"]} */
  const checks = [];
  /** @type {{ orders: number, perOrder: number }[]} */
  const curve = [];
  for (const orders of sizes) {
    const passes = await withWorld(server, { orders, latencyMs: LATENCY_MS }, (world) => orderPasses(world, orders));
    const total = totalOf("together", passes);
    rows.push(...[...passes, total].map((pass) => [orders, ...passRow(pass, orders)]));
    curve.push({ orders, perOrder: total.cost.wall_ms / orders });
    if (orders === 1000) checks.push({ name: "1,000 orders, requests", value: total.requests, unit: "requests", budget: 100 });
    const most = Math.max(...passes.map(({ statements }) => statements)) / orders;
    if (orders >= 1000)
      checks.push({ name: `${orders} orders, statements per order and stage`, value: round(most, 2), unit: "statements", budget: 1 });
  }
  const [small, large] = [curve.find(({ orders }) => orders === 1000), curve.at(-1)];
  if (small !== undefined && large !== undefined && large.orders > 1000) {
    const growth = round(large.perOrder / small.perOrder, 2);
    checks.push({ name: `time per order, ${large.orders} to 1,000 orders`, value: growth, unit: "×", budget: 1 });
  }
  return {
    title: "Orders end to end",
    about: `From the pull to the confirmed invoice; ${LATENCY_MS} ms a request, the vendors' limits on.`,
    columns: ["orders", ...PASS_COLUMNS],
    rows,
    checks,
  };
}

/**
 * @param {string} server
 * @param {{ sizes: number[] }} options numbers of SKUs
 * @returns {Promise<Section>}
 */
export async function measureStock(server, { sizes }) {
  /** @type {Section["rows"]} */
  const rows = [];
  /** @type {Section["checks"]} */
  const checks = [];
  for (const skus of sizes) {
    for (const [warehouses, { env, requests }] of Object.entries(WAREHOUSES)) {
      const [first, second] = await withWorld(server, { skus, latencyMs: LATENCY_MS, env }, async (world) => [
        await stockPass(world, skus),
        await world.pass("sync_stock"),
      ]);
      rows.push(
        [skus, warehouses, "every SKU is new", ...passRow(first, skus).slice(1)],
        [skus, warehouses, "nothing has changed", ...passRow(second, skus).slice(1)],
      );
      if (skus === 10_000)
        checks.push({ name: `10,000 SKUs in ${warehouses}, requests`, value: first.requests, unit: "requests", budget: requests });
    }
  }
  return {
    title: "Stock",
    about: `Every fifth SKU lies in two rows per warehouse: 1.2 rows of stock a SKU and warehouse, 800 to a page. ${LATENCY_MS} ms a request, limits on.`,
    columns: ["SKUs", "in", "pass", ...PASS_COLUMNS.slice(1)],
    rows,
    checks,
  };
}

/** What is read grows with the warehouses, what is sent does not: 10,000 SKUs are 15 pages in each, and 20 batches, each with its log. */
const WAREHOUSES = {
  "one warehouse": { env: { IPASS_STOCK_WID_TO_DSCO_WAREHOUSE_CODE_JSON: '{"1001":"WH-CA"}' }, requests: 50 },
  "two warehouses": { env: { IPASS_STOCK_WID_TO_DSCO_WAREHOUSE_CODE_JSON: '{"1001":"WH-CA","1002":"WH-NJ"}' }, requests: 65 },
};

/**
 * Everything that is not waiting for a vendor. The best of several rounds: whatever else the machine does only ever adds.
 * @param {string} server
 * @param {{ rounds: number }} options
 * @returns {Promise<Section>}
 */
export async function measureOwnCost(server, { rounds }) {
  const orders = 1000;
  const skus = 2000;
  /** @type {Pass[][]} */
  const all = [];
  for (let n = 0; n < rounds; n += 1) {
    all.push(
      await withWorld(server, { orders, skus }, async (world) => [...(await orderPasses(world, orders)), await stockPass(world, skus)]),
    );
  }
  const best = (all[0] ?? []).map((pass, index) =>
    cheapest(
      pass,
      all.map((passes) => passes[index] ?? pass),
    ),
  );
  const total = totalOf("together", best);
  return {
    title: "Our own cost",
    about: `Six jobs over 1,000 orders and 2,000 SKUs, start-ups included, vendors that answer at once, limits on. The best of ${rounds} rounds.`,
    columns: PASS_COLUMNS,
    rows: [...best, total].map((pass) => passRow(pass, pass.job === "sync_stock" ? skus : orders)),
    checks: [
      { name: "six jobs, wall time", value: round(total.cost.wall_ms / 1000, 2), unit: "s", budget: 8 },
      { name: "six jobs, CPU", value: round(total.cost.cpu_ms / 1000, 2), unit: "s", budget: 8 },
    ],
  };
}

/**
 * @template T
 * @param {string} server
 * @param {import("./world.mjs").WorldOptions} options
 * @param {(world: BenchWorld) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withWorld(server, options, work) {
  const world = await BenchWorld.open(server, options);
  try {
    return await work(world);
  } finally {
    await world.close();
  }
}

const PASS_COLUMNS = ["job", "seconds", "CPU s", "peak MB", "requests", "statements", "ms each"];

/**
 * @param {Pass} pass
 * @param {number} items
 */
function passRow({ job, cost, requests, statements }, items) {
  return [
    job,
    round(cost.wall_ms / 1000, 2),
    round(cost.cpu_ms / 1000, 2),
    round(cost.peak_rss_mb),
    requests,
    statements,
    round(cost.wall_ms / items, 2),
  ];
}

/**
 * @param {string} job
 * @param {readonly Pass[]} passes
 * @returns {Pass}
 */
function totalOf(job, passes) {
  const [first] = passes;
  if (first === undefined) throw new Error("no pass was measured");
  const cost = {
    wall_ms: sum(passes.map((pass) => pass.cost.wall_ms)),
    cpu_ms: sum(passes.map((pass) => pass.cost.cpu_ms)),
    peak_rss_mb: Math.max(...passes.map((pass) => pass.cost.peak_rss_mb)),
  };
  return {
    ...first,
    job,
    cost,
    requests: sum(passes.map((pass) => pass.requests)),
    statements: sum(passes.map((pass) => pass.statements)),
  };
}

/**
 * @param {Pass} pass
 * @param {readonly Pass[]} rounds
 * @returns {Pass}
 */
function cheapest(pass, rounds) {
  const wall_ms = Math.min(...rounds.map(({ cost }) => cost.wall_ms));
  const cpu_ms = Math.min(...rounds.map(({ cost }) => cost.cpu_ms));
  return { ...pass, cost: { ...pass.cost, wall_ms, cpu_ms } };
}

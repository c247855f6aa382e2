// The life of many orders, pass by pass, as cron would run them.

/** @typedef {import("./world.mjs").Pass} Pass */

/**
 * From the pull to the confirmed invoice; every order gets through, or it is no measurement.
 * @param {import("./world.mjs").BenchWorld} world whose sandbox holds the orders
 * @param {number} orders
 * @returns {Promise<Pass[]>}
 */
export async function orderPasses(world, orders) {
  /** @type {Pass[]} */
  const passes = [];
  const step = async (/** @type {string} */ job) => {
    const pass = await world.pass(job, { args: ["--max-duration", "1800"] });
    if (pass.counts.done !== orders) throw new Error(`${job}: ${JSON.stringify(pass.counts)}, expected ${orders} done`);
    passes.push(pass);
  };
  await step("pull_dsco_orders");
  await step("push_orders_to_lingxing");
  await world.people({ action: "review" });
  await step("ack_to_dsco");
  await world.people({ action: "ship" });
  await step("ship_to_dsco");
  await step("invoice_to_dsco");
  return passes;
}

/**
 * The first pass, which sends every SKU.
 * @param {import("./world.mjs").BenchWorld} world
 * @param {number} skus
 * @returns {Promise<Pass>}
 */
export async function stockPass(world, skus) {
  const pass = await world.pass("sync_stock", { args: ["--max-duration", "1800"] });
  if (pass.counts.done !== skus) throw new Error(`sync_stock: ${JSON.stringify(pass.counts)}, expected ${skus} done`);
  return pass;
}

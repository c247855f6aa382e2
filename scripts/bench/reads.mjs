// What people read, among a million orders: the database's share of every command and every page that looks at the state.
import { startAdmin } from "./admin.mjs";
import { DatabaseWire } from "./database-wire.mjs";
import { round } from "./figure.mjs";
import { withWorld } from "./passes.mjs";
import { seedHistory } from "./seed.mjs";

const BUDGET_MS = 100;
const ROUNDS = 3;
/** The size of memory a database of this size would be given. */
const BUFFER_POOL_BYTES = 1024 ** 3;

/** @param {import("./seed.mjs").Seeded} seeded */
const commands = ({ firstId, lastId }) => [
  ["status"],
  ["runs"],
  ["runs", "--job", "ship_to_dsco", "--offset", "1000"],
  ["manual-tasks"],
  ["manual-tasks", "--status", "2", "--offset", "5000"],
  ["manual-tasks", "--type", "multi_shipment"],
  ["explain", lastId],
  ["explain", firstId],
  ["order-state", firstId],
  ["order-state"],
  ["order-state", "--push-status", "3"],
  ["order-state", "--ack-status", "0"],
  ["order-state", "--push-status", "1", "--ship-status", "0", "--limit", "200"],
  ["order-state", "--invoice-status", "1", "--offset", "500000"],
  ["watermark", "list"],
  ["watermark", "list", "--history"],
];

/** @param {import("./seed.mjs").Seeded} seeded */
const pages = ({ firstId, lastId }) => [
  "/readyz",
  "/metrics",
  `/admin/order_state/get?dsco_order_id=${firstId}`,
  "/admin/order_states",
  "/admin/order_states?ship_status=0&limit=200",
  "/admin/order_states?offset=500000",
  "/admin/order_states?invoice_status=1&offset=500000",
  "/admin/watermark/get?job=pull_dsco_orders",
  "/admin/manual_tasks",
  "/admin/manual_tasks?status=2&offset=5000",
  "/",
  `/?order=${lastId}`,
  `/?q=PO-${lastId}`,
  "/?view=orders",
  "/?view=orders&stage=ship&status=3",
  "/?view=tasks",
  "/?view=tasks&task_status=2",
  "/?view=runs",
  "/?view=runs&job=ship_to_dsco&offset=1000",
];

/**
 * @param {string} server
 * @param {{ orders: number, ownServer: boolean, log: (line: string) => void }} options
 * @returns {Promise<import("./figure.mjs").Section>}
 */
export async function measureReads(server, { orders, ownServer, log }) {
  return withWorld(server, {}, async (world) => {
    if (ownServer) await world.database.query(`SET GLOBAL innodb_buffer_pool_size = ${BUFFER_POOL_BYTES}`);
    const started = performance.now();
    const seeded = await seedHistory((sql, bindings) => world.database.query(sql, bindings), { orders });
    const seconds = round((performance.now() - started) / 1000);
    log(`seeded ${orders} orders with their history in ${seconds} s`);
    await world.pass("pull_dsco_orders"); // as in life: it also keeps the count of orders
    const wire = await DatabaseWire.open(world.database.dsn);
    try {
      const env = { IPASS_DB_DSN: wire.dsn };
      const asked = [];
      for (const args of commands(seeded)) {
        asked.push(await timed(`ipass ${args.join(" ")}`, wire, () => world.command([...args, "--json"], { env })));
      }
      const admin = await startAdmin(world, env);
      try {
        for (const path of pages(seeded)) asked.push(await timed(`GET ${path}`, wire, () => admin.get(path)));
      } finally {
        await admin.stop();
      }
      return {
        title: "Reads among a million orders",
        about: `${orders} orders, 1 % of them open, with their texts, events, runs and tasks, seeded in ${seconds} s. Time in the database, all statements of a read together: the first time, and the best of ${ROUNDS} more, since whatever else the machine does only ever adds.`,
        columns: ["read", "statements", "first ms", "best ms"],
        rows: asked.map(({ name, statements, first, ms }) => [name, statements, round(first, 1), round(ms, 1)]),
        checks: asked.map(({ name, ms }) => ({ name, value: round(ms, 1), unit: "ms", budget: BUDGET_MS })),
      };
    } finally {
      wire.close();
    }
  });
}

/**
 * @param {string} name
 * @param {DatabaseWire} wire
 * @param {() => Promise<unknown>} read
 */
async function timed(name, wire, read) {
  const taken = [];
  for (let n = 0; n <= ROUNDS; n += 1) {
    wire.take();
    await read();
    taken.push(wire.take());
  }
  const [first, ...others] = taken;
  return { name, statements: first?.statements ?? 0, first: first?.ms ?? 0, ms: Math.min(...others.map(({ ms }) => ms)) };
}

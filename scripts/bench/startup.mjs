// How long a command takes that does nothing: paid by cron once a minute for every job.
import { median, round } from "./figure.mjs";
import { BenchWorld } from "./world.mjs";

const JOBS = ["pull_dsco_orders", "push_orders_to_lingxing", "ack_to_dsco", "ship_to_dsco", "invoice_to_dsco", "sync_stock"];

/** The first is the yardstick; the others may take so many times its median. @type {{ name: string, args: string[], budget?: number }[]} */
const STARTS = [
  { name: "node -e 0", args: [] },
  { name: "ipass --version", args: ["--version"], budget: 1.3 },
  { name: "ipass --help", args: ["--help"], budget: 1.4 },
  { name: "idle push", args: ["run", "push_orders_to_lingxing"], budget: 4 },
];

/**
 * Round by round, each command once: a busy moment of the machine hits all of them alike.
 * @param {string} server
 * @param {{ rounds: number }} options
 * @returns {Promise<import("./figure.mjs").Section>}
 */
export async function measureStartup(server, { rounds }) {
  const world = await BenchWorld.open(server, {});
  try {
    const idle = JOBS.slice(2)
      .concat("pull_dsco_orders")
      .map((job) => ({ name: `idle ${job}`, args: ["run", job] }));
    /** @type {{ name: string, args: string[], budget?: number }[]} */
    const starts = [...STARTS, ...idle];
    const costs = starts.map(() => /** @type {import("./world.mjs").Cost[]} */ ([]));
    for (let round = -1; round < rounds; round += 1) {
      for (const [index, { args }] of starts.entries()) {
        const { cost } = args.length === 0 ? await world.nothing() : await world.command(args);
        if (round >= 0) costs[index]?.push(cost); // the round before the first fills the file cache
      }
    }
    const walls = costs.map((own) => own.map(({ wall_ms }) => wall_ms));
    const yardstick = median(walls[0] ?? []);
    const ratios = walls.map((own) => round(median(own) / yardstick, 2));
    return {
      title: "Starting, and passes with nothing to do",
      about: `Medians of ${rounds} rounds; the ratio is to \`node -e 0\`. The stock pass reads and compares 50 SKUs even so.`,
      columns: ["command", "min ms", "median ms", "CPU ms", "ratio"],
      rows: starts.map(({ name }, index) => [
        name,
        round(Math.min(...(walls[index] ?? []))),
        round(median(walls[index] ?? [])),
        round(median((costs[index] ?? []).map(({ cpu_ms }) => cpu_ms))),
        ratios[index] ?? 0,
      ]),
      checks: starts.flatMap(({ name, budget }, index) =>
        budget === undefined ? [] : [{ name, value: ratios[index] ?? 0, unit: "× node -e 0", budget }],
      ),
    };
  } finally {
    await world.close();
  }
}

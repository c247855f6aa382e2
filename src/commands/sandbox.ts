import { Command, InvalidArgumentError, Option } from "commander";

/** Fixed, so that the printed variables stay true over restarts. */
const DEFAULT_PORT = 8765;
const MINUTE_MS = 60_000;

interface SandboxFlags {
  readonly port: number;
  readonly orders: number;
  readonly broken: number;
  readonly skus: number;
  readonly seed: number;
  readonly window: number;
  readonly latency: number;
  readonly readLagMs: number;
  readonly settleMs: number;
  readonly limits: boolean;
  readonly bareIds: boolean;
  readonly auth: "tokens" | "secrets";
  readonly fault: readonly string[];
  readonly json?: boolean;
}

/** `ipass sandbox`: runs until it is told to stop, which is no failure: exit 0 on SIGTERM and SIGINT. */
export const sandboxCommand = (): Command =>
  new Command("sandbox")
    .description("stand-ins for DSCO and Lingxing on 127.0.0.1, as strict as the real ones, for demos and for smoke tests of a crontab")
    .option("--port <n>", "port to listen on; 0 takes a free one", wholeNumber, DEFAULT_PORT)
    .option("--orders <n>", "orders waiting at DSCO", wholeNumber, 200)
    .option("--broken <n>", "how many of them are malformed or unusual", wholeNumber, 0)
    .option("--skus <n>", "SKUs in the catalog, with stock in two warehouses", wholeNumber, 50)
    .option("--seed <n>", "decides orders, stock and faults: the same seed gives the same ones", wholeNumber, 7)
    .option("--window <minutes>", "the orders changed within so many minutes before the start", wholeNumber, 60)
    .option("--latency <ms>", "time from a request to its answer", wholeNumber, 0)
    .option("--read-lag-ms <ms>", "how long a change stays unseen by reads", wholeNumber, 0)
    .option("--settle-ms <ms>", "how long DSCO works on a batch after its 202", wholeNumber, 0)
    .option("--no-limits", "never answer 429 or 3001008 for going too fast")
    .option("--bare-ids", "Lingxing sends order ids as bare numbers beyond 2^53", false)
    .addOption(
      new Option("--auth <kind>", "what the printed variables hold: fixed tokens, or secrets to get tokens with")
        .choices(["tokens", "secrets"])
        .default("tokens"),
    )
    .option("--fault <call:kind:rate>", "what goes wrong, and how often; may be repeated", collect, [])
    .option("--json", "print one JSON document")
    .addHelpText("after", HELP)
    .action(async (flags: SandboxFlags) => {
      const { startSandbox } = await import("../sandbox/server.ts");
      const { port, orders, broken, skus, seed, readLagMs, settleMs, limits, bareIds, auth } = flags;
      const sandbox = await startSandbox({
        ...{ port, orders, broken, skus, seed, readLagMs, settleMs, limits, bareIds, auth },
        windowMs: flags.window * MINUTE_MS,
        latencyMs: flags.latency,
        faults: flags.fault,
      });
      // Before anything is printed: whoever reads the address may stop us at once.
      const stopped = stopSignal();
      process.stdout.write(flags.json === true ? toJson(sandbox) : toText(sandbox));
      await stopped;
      await sandbox.close();
      process.exitCode = 0;
    });

interface Started {
  readonly url: string;
  readonly dscoUrl: string;
  readonly lingxingUrl: string;
  readonly env: Readonly<Record<string, string>>;
  readonly mapEnv: Readonly<Record<string, string>>;
}

function toJson({ url, dscoUrl, lingxingUrl, env, mapEnv }: Started): string {
  return `${JSON.stringify({ url, dsco_url: dscoUrl, lingxing_url: lingxingUrl, control_url: `${url}/_sandbox/`, env, map_env: mapEnv })}\n`;
}

/** Lines for .env; what else there is to know stands in comments, so that the output can be saved as it is. */
function toText({ url, env, mapEnv }: Started): string {
  return [
    `# ipass sandbox at ${url} (control API: ${url}/_sandbox/); stop it with Ctrl-C`,
    ...Object.entries(env).map(([name, value]) => `${name}=${quoted(value)}`),
    "# optional: orders arrive with warehouse and shipping method",
    ...Object.entries(mapEnv).map(([name, value]) => `#${name}=${quoted(value)}`),
    "",
  ].join("\n");
}

/** Plain words stay bare; anything else gets single quotes, inside which neither .env files nor shells expand. */
function quoted(value: string): string {
  return /^[\w.:/-]+$/.test(value) ? value : `'${value}'`;
}

function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    process.once("SIGTERM", () => resolve());
    process.once("SIGINT", () => resolve());
  });
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("Give a whole number, 0 or more.");
  return Number(text);
}

function collect(text: string, before: readonly string[]): string[] {
  return [...before, text];
}

const HELP = `
Faults: <call>:<kind>:<rate>
  call   token hello order_page order_get order_log ack ship invoice invoice_get invoice_log inventory inventory_get
         inventory_log dsco_warehouses (DSCO); create list wms stock warehouses logistics stores token_issue token_refresh
         (Lingxing); scroll for the further pages of DSCO's scrolls; * for all
  kind   without effect: reset-before timeout-before 500-before 503-before 429 429-seconds 429-date 429-huge 3001008
         refuse-signature signature-expired 401 token-churn
         with effect, the answer lost or spoilt: reset-after timeout-after 500-after truncated html other-shape
  rate   a probability from 0 to 1, #3 (only the third call), every=10

Example: try all jobs against it, with every tenth create losing its answer
  $ ipass sandbox --orders 200 --broken 12 --fault create:reset-after:every=10 > sandbox.env & sleep 1
  $ set -a; . ./sandbox.env; set +a
  $ ipass migrate && ipass run pull_dsco_orders && ipass run push_orders_to_lingxing
  $ curl -s -d '{"action":"review"}' http://127.0.0.1:8765/_sandbox/advance
  $ curl -s -d '{"action":"ship"}' http://127.0.0.1:8765/_sandbox/advance
  $ curl -s http://127.0.0.1:8765/_sandbox/summary
  $ kill %1

Exit codes: 0 stopped by SIGTERM or SIGINT · 2 wrong flag, or the port is taken · 1 internal error
`;

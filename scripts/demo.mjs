// npm run demo: the whole way of an order on one machine, in a minute. A private database, stand-ins for DSCO and Lingxing, and the
// commands cron and an operator would type. Nothing is left running, and nothing in the work tree.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startDatabase } from "./dev-database.mjs";
import { ensureInstalled } from "./ensure-installed.mjs";
import { withoutOutsideSettings } from "./outside-settings.mjs";
import { createOwnDatabase } from "./own-database.mjs";
import { askSandbox, startSandboxProcess } from "./sandbox-process.mjs";

/** A command somebody types, or what people do in Lingxing meanwhile. */
/** @typedef {{ en: string, zh: string, args: string[], exit?: number, exitMeans?: string }} CommandStep */
/** @typedef {{ en: string, zh: string, people: { action: string } }} PeopleStep */
/** @typedef {CommandStep | PeopleStep} Step */

const ipass = fileURLToPath(new URL("../bin/ipass", import.meta.url));
const SANDBOX = ["--orders", "200", "--broken", "12", "--seed", "7"];
const HISTORY_DAYS = 7;
/** One of the seeded orders that goes all the way. */
const SAMPLE_ORDER = "1200000001";

/**
 * What a newcomer sees, in order. A later leg adds its steps here.
 * @param {Date} now
 * @returns {Step[]}
 */
function steps(now) {
  const since = new Date(now.getTime() - HISTORY_DAYS * 86_400_000).toISOString();
  return [
    { en: "Create the tables", zh: "建表", args: ["migrate"] },
    {
      en: "Say from when on orders are ours; without it all open history would go to the ERP",
      zh: "设定起点：不设则所有历史未结订单都会进 ERP",
      args: ["watermark", "set", "pull_dsco_orders", JSON.stringify({ mode: "updatedSince", since })],
    },
    {
      en: "What came: DSCO → MySQL",
      zh: "拉单：DSCO → MySQL",
      args: ["run", "pull_dsco_orders"],
      exit: 3,
      exitMeans: "one order has no id, so a person must look · 有一单没有单号，需要人工查看",
    },
    {
      en: "What went: MySQL → Lingxing",
      zh: "推单：MySQL → 领星",
      args: ["run", "push_orders_to_lingxing"],
      exit: 3,
      exitMeans: "some orders need a person, the others arrived · 有订单需要人工处理，其余已送达",
    },
    { en: "Orders that arrived in Lingxing", zh: "已进入领星的订单", args: ["order-state", "--push-status", "1", "--limit", "5"] },
    { en: "Orders that wait for a person", zh: "等待人工处理的订单", args: ["order-state", "--push-status", "3", "--limit", "20"] },
    { en: "Why, and what to do about each", zh: "原因与处理办法", args: ["manual-tasks", "--limit", "20"] },
    {
      en: "Nothing to confirm yet: nobody has reviewed the orders in Lingxing, and waiting is silent",
      zh: "领星还没有人审核，没有可确认的订单；等待不输出",
      args: ["run", "ack_to_dsco"],
    },
    { en: "People in Lingxing review the orders", zh: "领星里的同事审核订单", people: { action: "review" } },
    { en: "Confirmed: Lingxing → DSCO", zh: "确认接单：领星 → DSCO", args: ["run", "ack_to_dsco"] },
    { en: "The warehouse ships them", zh: "仓库发货", people: { action: "ship" } },
    { en: "Shipped, with tracking numbers: Lingxing → DSCO", zh: "发货回传（含运单号）：领星 → DSCO", args: ["run", "ship_to_dsco"] },
    { en: "Invoiced", zh: "开票", args: ["run", "invoice_to_dsco"] },
    { en: "The life of one order", zh: "一张订单的全过程", args: ["explain", SAMPLE_ORDER] },
    { en: "Stock: DSCO shows what Lingxing can sell", zh: "库存：把领星可售数量同步到 DSCO", args: ["run", "sync_stock"] },
    {
      en: "A second pass of each finds nothing to do and says nothing",
      zh: "再跑一次：没有可做的事，不输出",
      args: ["run", "invoice_to_dsco"],
    },
  ];
}

const INTERRUPTED = new Error("interrupted");
const TERMINATED = new Error("terminated");
const interrupted = new AbortController();

async function demo() {
  ensureInstalled();
  const folder = mkdtempSync(join(tmpdir(), "ipass-demo-"));
  /** @type {(() => Promise<void>)[]} */
  const cleanups = [];
  try {
    const server = await startDatabase({ log: say });
    cleanups.unshift(server.stop);
    const database = await createOwnDatabase(server.dsn, "demo");
    cleanups.unshift(database.drop);
    say(`database: ${server.version} · 数据库已就绪`);

    const outside = withoutOutsideSettings(process.env);
    const sandbox = await startSandboxProcess(SANDBOX, {
      env: { ...outside, IPASS_LOG_DIR: join(folder, "sandbox-logs") },
      cwd: folder,
      signal: interrupted.signal,
    });
    cleanups.unshift(sandbox.stop);
    say("sandbox: stand-ins for DSCO and Lingxing, 200 orders, 12 of them broken · 模拟的 DSCO 与领星，200 单，其中 12 单有问题");

    const env = { ...outside, ...sandbox.env, IPASS_DB_DSN: database.dsn, IPASS_LOG_DIR: join(folder, "logs") };
    const list = steps(new Date());
    for (const [index, step] of list.entries()) {
      const number = `${index + 1}/${list.length}`;
      if ("people" in step) await letPeopleAct(number, step, sandbox);
      else await runStep(number, step, env, folder);
    }
    say("\nDone; nothing is left running. Next: README.md, “First run” · 完成；下一步请看 README.zh-CN.md");
    rmSync(folder, { recursive: true, force: true });
  } catch (error) {
    if (interrupted.signal.aborted || readdirSync(folder).length === 0) rmSync(folder, { recursive: true, force: true });
    else say(`The logs of this demo: ${folder}`);
    throw error;
  } finally {
    for (const cleanup of cleanups) await cleanup();
  }
}

/**
 * @param {string} number
 * @param {PeopleStep} step
 * @param {import("./sandbox-process.mjs").RunningSandbox} sandbox
 */
async function letPeopleAct(number, { en, zh, people }, sandbox) {
  interrupted.signal.throwIfAborted();
  say(`\n${number} ${en} · ${zh}`);
  const { touched } = /** @type {{ touched: number }} */ (await askSandbox(sandbox, "advance", people));
  say(`(${touched} orders · ${touched} 单)`);
}

/**
 * @param {string} number
 * @param {CommandStep} step
 * @param {NodeJS.ProcessEnv} env
 * @param {string} cwd not the work tree: its .env may name a live account
 */
async function runStep(number, { en, zh, args, exit = 0, exitMeans }, env, cwd) {
  interrupted.signal.throwIfAborted();
  say(`\n${number} ${en} · ${zh}`);
  say(`$ ipass ${args.map((arg) => (/^[\w./:=-]+$/.test(arg) ? arg : `'${arg}'`)).join(" ")}`);
  const child = spawn(process.execPath, [ipass, ...args], { cwd, env, stdio: "inherit" });
  const stop = () => child.kill("SIGTERM");
  interrupted.signal.addEventListener("abort", stop);
  const [code, signal] = await once(child, "exit");
  interrupted.signal.removeEventListener("abort", stop);
  interrupted.signal.throwIfAborted();
  if (exitMeans !== undefined && code === exit) say(`(exit code ${code}: ${exitMeans})`);
  if (code !== exit) throw new Error(`ipass ${args.slice(0, 2).join(" ")} ended with ${signal ?? code}; expected ${exit}`);
}

/** @param {string} line */
function say(line) {
  console.log(line);
}

process.once("SIGINT", () => interrupted.abort(INTERRUPTED)).once("SIGTERM", () => interrupted.abort(TERMINATED));
try {
  await demo();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = error === INTERRUPTED ? 130 : error === TERMINATED ? 143 : 1;
}

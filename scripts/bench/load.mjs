// Requests at a steady rate, as callers that do not know of each other send them: the next one leaves when its time has come, whether
// the ones before were answered or not. Counts what came back.
import { Agent, request } from "node:http";

/** @typedef {{ method?: string, path: string, headers?: Record<string, string>, body?: string, hangUpMs?: number }} Ask `hangUpMs`: the caller goes away by then */
/** @typedef {{ every: number, ask: (n: number) => Ask }} Share one of `every` requests is such a one; `n` counts them */
/** @typedef {{ asked: number, statuses: Record<string, number>, hungUp: number, broken: string[], serverErrors: string[], p50: number, p99: number, max: number, lateMs: number }} Load `p50`, `p99` and `max` are of reads, in ms; `lateMs`: how far behind its time a request left, at the worst */

const CONNECTIONS = 64;
/** What is kept of the answers that should not have been. */
const SHOWN = 5;

/**
 * @param {{ url: string, perSecond: number, seconds: number, shares: readonly Share[], headers: Record<string, string>, onSecond?: (second: number) => void }} options
 *   the first share is what all others leave over; `headers` go with every request
 * @returns {Promise<Load>} when the last request is answered
 */
export async function putUnderLoad({ url, perSecond, seconds, shares, headers, onSecond }) {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const load = new Tally();
  /** @type {Map<Share, number>} */
  const counts = new Map();
  const open = [];
  const started = performance.now();
  for (let n = 1; n <= perSecond * seconds; n += 1) {
    const due = started + ((n - 1) * 1000) / perSecond;
    const early = due - performance.now();
    if (early > 1) await new Promise((resolve) => setTimeout(resolve, early));
    load.lateMs = Math.max(load.lateMs, performance.now() - due);
    const share = shares.findLast(({ every }) => n % every === 0);
    if (share === undefined) continue;
    const count = (counts.get(share) ?? 0) + 1;
    counts.set(share, count);
    open.push(send(agent, url, share.ask(count), headers, load));
    if (n % perSecond === 0) onSecond?.(n / perSecond);
  }
  await Promise.all(open);
  agent.destroy();
  return load.result();
}

class Tally {
  asked = 0;
  hungUp = 0;
  lateMs = 0;
  /** @type {Record<string, number>} */ statuses = {};
  /** @type {string[]} */ broken = [];
  /** @type {string[]} */ serverErrors = [];
  /** @type {number[]} */ readMs = [];

  /** @returns {Load} */
  result() {
    const sorted = this.readMs.sort((a, b) => a - b);
    /** @param {number} share */
    const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
    const { asked, statuses, hungUp, broken, serverErrors, lateMs } = this;
    return { asked, statuses, hungUp, broken, serverErrors, lateMs, p50: at(0.5), p99: at(0.99), max: at(1) };
  }
}

/**
 * @param {Agent} agent
 * @param {string} url
 * @param {Ask} ask
 * @param {Record<string, string>} headers
 * @param {Tally} load
 * @returns {Promise<void>}
 */
function send(agent, url, { method = "GET", path, headers: own = {}, body, hangUpMs }, headers, load) {
  load.asked += 1;
  const started = performance.now();
  return new Promise((resolve) => {
    const asked = request(new URL(path, url), { method, agent, headers: { ...headers, ...own } }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (/** @type {string} */ part) => {
        text += part;
      });
      answer.on("error", resolve); // the request's own error tells
      answer.on("end", () => {
        const status = answer.statusCode ?? 0;
        load.statuses[status] = (load.statuses[status] ?? 0) + 1;
        if (method === "GET") load.readMs.push(performance.now() - started);
        if (status >= 500 && load.serverErrors.length < SHOWN) load.serverErrors.push(`${method} ${path}: ${status} ${text.slice(0, 300)}`);
        resolve(undefined);
      });
    });
    const hangUp = hangUpMs === undefined ? undefined : setTimeout(() => asked.destroy(), hangUpMs);
    asked.on("error", (error) => {
      if (hangUpMs !== undefined) load.hungUp += 1;
      else if (load.broken.length < SHOWN) load.broken.push(`${method} ${path}: ${error.message}`);
      resolve(undefined);
    });
    asked.on("close", () => clearTimeout(hangUp));
    asked.end(body);
  });
}

/**
 * What an admin is asked on a busy day, and by careless callers: all reads, the page, runs of every job, and what must be refused.
 * @param {{ ids: readonly string[], jobs: readonly string[], runEvery: number }} options `runEvery`: one of so many requests starts a pass
 * @returns {Share[]}
 */
export function adminDay({ ids, jobs, runEvery }) {
  const reads = [
    "/admin/order_states",
    "/admin/order_states?push_status=1&limit=20",
    "/admin/manual_tasks",
    "/admin/watermark/get?job=pull_dsco_orders",
    "/healthz",
    "/readyz",
  ];
  const refused = ["/admin/order_states?limit=-1", "/nothing", "/admin/order_state/get?dsco_order_id=nobody", "/metrics?x=1"];
  const pages = ["/", "/?view=orders", "/?view=tasks", "/?view=runs"];
  /** @param {readonly string[]} list @param {number} n */
  const pick = (list, n) => list[n % list.length] ?? "/healthz";
  return [
    {
      every: 1,
      ask: (n) => ({ path: n % 2 === 0 ? `/admin/order_state/get?dsco_order_id=${pick(ids, n)}` : pick(reads, Math.floor(n / 2)) }),
    },
    { every: 11, ask: (n) => ({ path: pick(pages, n) }) },
    { every: 17, ask: (n) => ({ path: pick(refused, n) }) },
    { every: 19, ask: (n) => ({ path: pick(reads, n), headers: { authorization: "Bearer wrong" } }) },
    { every: 23, ask: (n) => ({ path: pick([...pages, ...reads], n), hangUpMs: n % 7 }) },
    { every: 29, ask: () => ({ method: "POST", path: "/admin/watermark/set?job=ack_to_dsco", body: "[]" }) },
    { every: 101, ask: () => ({ path: "/metrics" }) },
    {
      every: runEvery,
      ask: (n) => ({ method: "POST", path: `/admin/run?job=${pick(jobs, n)}`, ...(n % 5 === 0 ? { hangUpMs: 20 } : {}) }),
    },
  ];
}

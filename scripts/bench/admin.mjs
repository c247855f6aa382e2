// `ipass serve` in a measured world, asked as a person signed in would.
import { spawn } from "node:child_process";

const TOKEN = "bench-token-of-no-worth";

/** @typedef {Awaited<ReturnType<typeof startAdmin>>} RunningAdmin */

/**
 * @param {import("./world.mjs").BenchWorld} world
 * @param {Record<string, string>} [env]
 */
export async function startAdmin(world, env = {}) {
  const child = spawn(...world.commandLine(["serve", "--json"], { IPASS_ADMIN_TOKEN: TOKEN, IPASS_HTTP_ADDR: "127.0.0.1:0", ...env }));
  const headers = { authorization: `Bearer ${TOKEN}` };
  /** @type {string} */
  const url = await new Promise((resolve, reject) => {
    let printed = "";
    child.stdout.setEncoding("utf8").on("data", (text) => {
      printed += text;
      if (printed.endsWith("\n")) resolve(JSON.parse(printed).url);
    });
    child.once("exit", (code) => reject(new Error(`ipass serve ended with ${code}`)));
  });
  return {
    url,
    headers,
    pid: child.pid ?? 0,
    /** @param {string} path */
    async get(path) {
      const answer = await fetch(new URL(path, url), { headers, redirect: "manual" });
      await answer.arrayBuffer();
      if (answer.status >= 400) throw new Error(`GET ${path}: HTTP ${answer.status}`);
    },
    async stop() {
      const ended = new Promise((resolve) => child.once("close", resolve));
      child.kill("SIGTERM");
      await ended;
    },
  };
}

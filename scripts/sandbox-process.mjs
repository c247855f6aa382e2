// `ipass sandbox` as a process of its own, for the demo and the measurements: it must not share a core's time with what it serves.
import { fileURLToPath } from "node:url";
import { startKept } from "./kept-process.mjs";

const ipass = fileURLToPath(new URL("../bin/ipass", import.meta.url));
const START_TIMEOUT_MS = 60_000; // a hundred thousand orders take seconds to make up

/** @typedef {{ env: Record<string, string>, map_env: Record<string, string>, control_url: string }} SandboxDocument */
/**
 * @typedef {object} RunningSandbox
 * @property {Record<string, string>} env the settings that lead ipass to it
 * @property {Record<string, string>} mapEnv the optional maps
 * @property {string} controlUrl
 * @property {() => Promise<void>} stop
 */

/**
 * @param {string[]} flags of `ipass sandbox`; the port is a free one
 * @param {{ env: NodeJS.ProcessEnv, cwd: string, signal?: AbortSignal }} options the signal ends the wait for it
 * @returns {Promise<RunningSandbox>}
 */
export async function startSandboxProcess(flags, { env, cwd, signal }) {
  const command = { command: process.execPath, args: [ipass, "sandbox", "--port", "0", ...flags, "--json"], cwd, graceMs: 3000 };
  const { keeper, stop } = startKept(command, { output: "pipe", env });
  try {
    /** @type {SandboxDocument} */
    const {
      env: settings,
      map_env: mapEnv,
      control_url: controlUrl,
    } = await new Promise((resolve, reject) => {
      let printed = "";
      setTimeout(() => reject(new Error("ipass sandbox did not get ready")), START_TIMEOUT_MS).unref();
      signal?.addEventListener("abort", () => reject(signal.reason));
      keeper.once("exit", () => reject(new Error(`ipass sandbox ended before it was ready: ${printed}`)));
      // Read to the end, or the sandbox blocks on a full pipe.
      keeper.stdout?.setEncoding("utf8").on("data", (text) => {
        printed += text;
        const found = documentIn(printed);
        if (found !== undefined) resolve(found);
      });
    });
    return { env: settings, mapEnv, controlUrl, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * Calls the sandbox's control API.
 * @param {{ controlUrl: string }} sandbox
 * @param {string} path
 * @param {unknown} [body] posted as JSON; without it the call is a GET
 * @returns {Promise<unknown>}
 */
export async function askSandbox({ controlUrl }, path, body) {
  const post = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const answer = await fetch(new URL(path, controlUrl), body === undefined ? {} : post);
  if (!answer.ok) throw new Error(`the sandbox refused ${path} ${body === undefined ? "" : JSON.stringify(body)}: HTTP ${answer.status}`);
  return answer.json();
}

/**
 * @param {string} printed
 * @returns {SandboxDocument | undefined} undefined until the whole document is there
 */
function documentIn(printed) {
  try {
    return JSON.parse(printed);
  } catch {
    return undefined;
  }
}

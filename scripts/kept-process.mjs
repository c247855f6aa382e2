// A child process that cannot outlive us: not even when we are killed with -9. A keeper process in its own session starts the
// child and waits for the end of its standard input, a pipe only we hold; the kernel closes it however we end. It then ends the
// child and removes its folder. (Signal handlers alone leave a server behind on kill -9, and run-to-completion is no promise.)
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * @typedef {object} KeptCommand
 * @property {string} command
 * @property {string[]} args
 * @property {string} [cwd]
 * @property {number} [uid] the user to run as; only root may choose one
 * @property {number} [gid]
 * @property {number} [graceMs] how long the child may take after SIGTERM before SIGKILL; 0 (default): SIGKILL at once
 * @property {string} [folder] removed once the child has ended because we asked or died; kept if it ended by itself (its log tells why)
 * @property {string[]} [endWith] a command that ends the child where a signal does not reach it (a container)
 */

/**
 * @typedef {object} KeptProcess
 * @property {import("node:child_process").ChildProcess} keeper its stdout and stderr are the child's
 * @property {() => Promise<void>} stop ends the child and resolves when it is gone; may be called twice
 */

/**
 * Starts a command that ends when `stop` is called or when this process is gone, whatever killed it.
 * It does not keep this process alive.
 * @param {KeptCommand} kept
 * @param {{ output?: "ignore" | "pipe", env?: NodeJS.ProcessEnv }} [options]
 * @returns {KeptProcess}
 */
export function startKept(kept, { output = "ignore", env = process.env } = {}) {
  const keeper = spawn(process.execPath, [fileURLToPath(import.meta.url), JSON.stringify(kept)], {
    stdio: ["pipe", output, output === "pipe" ? "inherit" : "ignore"],
    detached: true, // Ctrl-C in the terminal reaches us, not the keeper: we decide when the child goes
    env,
  });
  const gone = once(keeper, "exit");
  gone.catch(() => keeper.kill());
  keeper.unref();
  keeper.stdin?.on("error", () => keeper.kill()); // EPIPE: the keeper ended before us
  if (keeper.stdin && "unref" in keeper.stdin && typeof keeper.stdin.unref === "function") keeper.stdin.unref();
  return {
    keeper,
    async stop() {
      keeper.ref();
      keeper.stdin?.end();
      if (keeper.exitCode === null && keeper.signalCode === null) await gone;
    },
  };
}

/** @param {KeptCommand} kept */
function keep(kept) {
  const child = spawn(kept.command, kept.args, {
    stdio: ["ignore", "inherit", "inherit"],
    ...(kept.cwd === undefined ? {} : { cwd: kept.cwd }),
    ...(kept.uid === undefined ? {} : { uid: kept.uid }),
    ...(kept.gid === undefined ? {} : { gid: kept.gid }),
  });
  let ending = false;
  const end = () => {
    if (ending) return;
    ending = true;
    const [endCommand, ...endArgs] = kept.endWith ?? [];
    if (endCommand !== undefined) spawnSync(endCommand, endArgs, { stdio: "ignore" });
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(kept.graceMs ? "SIGTERM" : "SIGKILL");
    setTimeout(() => child.kill("SIGKILL"), kept.graceMs ?? 0).unref();
  };
  child.on("error", () => process.exit(127));
  child.on("exit", (code, signal) => {
    if (ending && kept.folder !== undefined) rmSync(kept.folder, { recursive: true, force: true, maxRetries: 3 });
    process.exit(ending ? 0 : (code ?? (signal ? 1 : 0)) || 1);
  });
  process.on("SIGTERM", end).on("SIGINT", end).on("SIGHUP", end);
  process.stdin.on("end", end).on("error", end).resume();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) keep(JSON.parse(process.argv[2] ?? "{}"));

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

export interface CliResult {
  /** null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  /** Settings for this call, over those of useCli. Nothing of the tester's own IPASS_ settings is passed on. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Another build of ipass than the one `bin/ipass` starts. */
  readonly program?: string;
  /** Text for standard input; without it there is none. */
  readonly input?: string;
}

export interface RunningCli {
  readonly pid: number;
  /** Everything printed on stdout so far. */
  stdout(): string;
  /** Resolves with the text on stdout as soon as it matches; rejects when the process ends without that. */
  printed(pattern: RegExp): Promise<string>;
  kill(signal?: NodeJS.Signals): void;
  readonly done: Promise<CliResult>;
}

export interface Cli {
  /** The working directory: empty, temporary, removed after the file's last test. */
  readonly cwd: string;
  run(args: readonly string[], options?: CliOptions): Promise<CliResult>;
  start(args: readonly string[], options?: CliOptions): RunningCli;
}

/** `bin/ipass` as cron starts it: a process of its own. Still running after the file's last test: killed. */
export function useCli(env: Readonly<Record<string, string>> = {}): Cli {
  if (!existsSync(join(root, "dist/cli.js"))) throw new Error("dist/ is missing: run `npm run build`, or test through `npm test`");
  const cwd = mkdtempSync(join(tmpdir(), "ipass-cli-"));
  const running = new Set<ChildProcess>();
  afterAll(() => {
    for (const child of running) child.kill("SIGKILL");
    rmSync(cwd, { recursive: true, force: true });
  });

  const start = (args: readonly string[], options: CliOptions = {}): RunningCli => {
    const child = spawn(process.execPath, [options.program ?? join(root, "bin/ipass"), ...args], {
      cwd: options.cwd ?? cwd,
      env: { ...machineEnv(), ...env, ...options.env },
      stdio: [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    });
    running.add(child);
    let stdout = "";
    let stderr = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.stdin?.on("error", () => child.stdin?.destroy()).end(options.input);
    const done = new Promise<CliResult>((resolve, reject) => {
      child.once("error", reject);
      // "close", not "exit": by then all that was printed has been read.
      child.once("close", (code, signal) => {
        running.delete(child);
        resolve({ code, signal, stdout, stderr });
      });
    });
    return {
      pid: child.pid ?? 0,
      done,
      stdout: () => stdout,
      kill: (signal = "SIGTERM") => child.kill(signal),
      printed: (pattern) =>
        new Promise((resolve, reject) => {
          const look = () => {
            if (!pattern.test(stdout)) return;
            child.stdout?.off("data", look);
            resolve(stdout);
          };
          child.stdout?.on("data", look);
          done.then(() => reject(new Error(`ended without printing ${pattern}; stdout: ${stdout}; stderr: ${stderr}`)), reject);
          look();
        }),
    };
  };
  return { cwd, start, run: (args, options) => start(args, options).done };
}

function machineEnv(): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR, TZ } = process.env;
  return Object.fromEntries(Object.entries({ PATH, HOME, TMPDIR, TZ }).filter(([, value]) => value !== undefined));
}

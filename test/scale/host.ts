import { mkdirSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { JOB_NAMES } from "../../src/sync/job-name.ts";
import type { RunningCli } from "../helpers/cli.ts";
import { type LogLine, readLogs, type World } from "../jobs/world.ts";

const CLOCK = fileURLToPath(new URL("clock-offset.mjs", import.meta.url));

/** A machine with a working directory and a clock of its own, and cron. */
export class Host {
  readonly #world: World;
  readonly #cwd: string;
  readonly #clockMs: number;

  constructor(world: World, name: string, clockMs: number) {
    this.#world = world;
    this.#cwd = mkdtempSync(join(world.cli.cwd, `${name}-`));
    mkdirSync(join(this.#cwd, "logs"));
    this.#clockMs = clockMs;
  }

  /** What the crontab holds, all due in the same minute. */
  tick(): HostRun[] {
    return JOB_NAMES.map((job) => {
      const traceId = crypto.randomUUID();
      const running = this.#world.cli.start(["run", job, "--json", "--on-locked", "skip", "--trace-id", traceId], {
        cwd: this.#cwd,
        env: { ...this.#world.env, NODE_OPTIONS: `--import ${CLOCK}`, CLOCK_OFFSET_MS: String(this.#clockMs) },
      });
      return { job, traceId, running };
    });
  }

  logs(): LogLine[] {
    return readLogs(join(this.#cwd, "logs"));
  }
}

export interface HostRun {
  readonly job: string;
  readonly traceId: string;
  readonly running: RunningCli;
}

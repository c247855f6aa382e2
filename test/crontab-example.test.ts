import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { loadConfig } from "../src/config/env.ts";
import { EXIT } from "../src/exit-codes.ts";
import { JOBS } from "../src/jobs/index.ts";
import type { JobName } from "../src/sync/job-name.ts";
import { useCli } from "./helpers/cli.ts";

const text = readFileSync(new URL("../crontab.example", import.meta.url), "utf8");
const { jobs: defaults } = loadConfig({}, ["jobs"]);
const existing = Object.keys(JOBS) as JobName[];

/** Five fields of time and a command; comments, empty lines and settings of the crontab itself are not such lines. */
const entries = text
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#") && !/^\w+=/.test(line))
  .map((line) => {
    const match = /^((?:\S+ ){4}\S+) (.+)$/.exec(line);
    const [, schedule = "", command = ""] = match ?? [];
    return { line, schedule, command, job: / run (\w+)/.exec(command)?.[1] };
  });

/** How cron writes an interval that divides an hour; anything shorter than a minute is every minute. */
function scheduleOf(intervalSec: number): string {
  return `*/${Math.max(1, Math.round(intervalSec / 60))} * * * *`;
}

describe("crontab.example", () => {
  const cli = useCli();

  it("has one line for each job there is, in the order an order passes through them", () => {
    expect(entries.map(({ job }) => job)).toEqual(existing);
  });

  it.each(entries)("runs $job", async ({ schedule, command, job }) => {
    expect(schedule).toBe(scheduleOf(defaults[job as JobName].intervalSec));
    expect(command).toMatch(/^cd (\/\S+) && (?:sleep 30 && )?\1\/bin\/ipass run \w+ --on-locked skip$/);
    expect(command, "cron ends a command at a bare %, and the lines are copied unquoted").not.toMatch(/[%'"\\]/);
    // Without any setting a good command line is a matter of configuration, and a wrong one of usage.
    const words = command.split(" ");
    const { code, stderr } = await cli.run(words.slice(words.indexOf("run")));
    expect({ code, stderr }).toMatchObject({ code: EXIT.configuration.code, stderr: expect.stringContaining("IPASS_DB_DSN") });
  });

  it("explains itself in Chinese and in English", () => {
    const blocks = text.split("\n").filter((line) => line.startsWith("# "));
    expect(blocks.filter((line) => /\p{Script=Han}/u.test(line)).length).toBeGreaterThan(existing.length);
    for (const { line } of entries) {
      const above = text.slice(0, text.indexOf(line)).trimEnd().split("\n").at(-1);
      expect(above).toMatch(/^# .*\p{Script=Han}.* · [a-z]+/iu);
    }
  });

  it("leaves mail and paths to be decided, in so many words", () => {
    expect(text).toMatch(/^PATH=\S+$/m);
    expect(text).toMatch(/^MAILTO=""$/m);
  });
});

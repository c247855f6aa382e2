import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type CrontabLine, decideCrontab } from "../../src/commands/crontab-lines.ts";
import { crontabText } from "../../src/commands/crontab-text.ts";
import { loadConfig } from "../../src/config/env.ts";
import { JOB_NAMES } from "../../src/sync/job-name.ts";
import { useCli } from "../helpers/cli.ts";

const cli = useCli();
const DEFAULT_PLACE = { dir: "/srv/ipass", program: "/srv/ipass/bin/ipass", path: "/usr/local/bin:/usr/bin:/bin" };
const { jobs: defaults } = loadConfig({}, ["jobs"]);

const crontab = async (env = {}, cwd = cli.cwd) => {
  const { code, stdout, stderr } = await cli.run(["crontab"], { env, cwd });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return stdout;
};
const entries = (text: string) => text.split("\n").filter((line) => /^\S+ \S+ \S+ \S+ \S+ cd /.test(line));

/** As cron does: an escaped `%` is a `%`, the first bare one would end the command; then sh, with hardly any environment. */
function asCron(text: string, line: string, cwd: string) {
  const command = line.split(" ").slice(5).join(" ");
  expect(command.replaceAll("\\%", "")).not.toContain("%");
  const path = /^PATH=(.+)$/m.exec(text)?.[1] ?? "";
  return spawnSync("/bin/sh", ["-c", command.replaceAll("\\%", "%")], { cwd, env: { PATH: path, HOME: "/" }, encoding: "utf8" });
}

it("crontab.example is what it prints for /srv/ipass and the default intervals", async () => {
  const text = crontabText(decideCrontab(defaults, DEFAULT_PLACE), { hasDotEnv: true });
  await expect(text).toMatchFileSnapshot("../../crontab.example");
});

describe("ipass crontab", () => {
  it("has one line per job, in the order an order passes through them, with absolute paths and without quotes", async () => {
    const lines = entries(await crontab());
    expect(lines.map((line) => / run (\w+) /.exec(line)?.[1])).toEqual(JOB_NAMES);
    for (const line of lines) {
      expect(line).toMatch(/ (\/\S+)\/ipass run \w+ --on-locked skip$/);
      expect(line).toContain(` cd ${cli.cwd} && `);
      expect(line).not.toMatch(/["'%\\]/);
    }
  });

  it("names the folder of node, and says where there is no .env for cron to find", async () => {
    const bare = await crontab();
    expect(bare).toMatch(new RegExp(`^PATH=${process.execPath.replace(/\/[^/]+$/, "")}:`, "m"));
    expect(bare).toContain("NOTE: there is no .env in this folder");
    writeFileSync(join(cli.cwd, ".env"), "IPASS_JOB_SYNC_STOCK_INTERVAL_SEC=600\n");
    const text = await crontab();
    expect(text).not.toContain("NOTE");
    expect(entries(text).at(-1)).toMatch(/^\*\/10 .* sync_stock /);
    writeFileSync(join(cli.cwd, ".env"), "");
  });

  it("prints what cron can do where it cannot keep an interval, and comments out a job that is off", async () => {
    const text = await crontab({
      IPASS_JOB_PULL_DSCO_ORDERS_INTERVAL_SEC: "20",
      IPASS_JOB_INVOICE_TO_DSCO_INTERVAL_SEC: "5400",
      IPASS_JOB_ACK_TO_DSCO_ENABLE: "no",
      IPASS_JOB_SHIP_TO_DSCO_INTERVAL_SEC: "300",
    });
    expect(text).toMatch(/a systemd timer can \(OnUnitActiveSec=20s\)\.\n\*\/1 .* pull_dsco_orders /);
    expect(text).toMatch(/cannot keep 1 h 30 min: this line is every 1 h; the next it could keep is 2 h\.\n0 \* .* invoice_to_dsco /);
    expect(text).toMatch(/switched off \(IPASS_JOB_ACK_TO_DSCO_ENABLE=false\)\n#\*\/1 .* ack_to_dsco /);
    expect(text).toMatch(/^\*\/5 .* && \/\S+\/ipass run ship_to_dsco /m);
    expect(text).toMatch(/^2-59\/5 .* && \/\S+\/ipass run sync_stock /m);
  });

  it.each(["my folder", "100%", "订单", "it's $HOME `x` ; &&"])("its lines lead cron into a folder called %s", async (name) => {
    const dir = join(cli.cwd, name);
    mkdirSync(dir);
    writeFileSync(join(dir, ".env"), "IPASS_JOB_PULL_DSCO_ORDERS_ENABLE=false\nIPASS_LOG_DIR=found\n");
    const text = await crontab({}, dir);
    const [pull = ""] = text.split("\n").filter((line) => / run pull_dsco_orders /.test(line));
    const { status, stdout, stderr } = asCron(text, pull.replace(/^#/, ""), "/");
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(spawnSync("ls", [join(dir, "found")], { encoding: "utf8" }).stdout).toContain("info.log");
  });

  it("refuses a folder that no crontab can name", async () => {
    const dir = join(cli.cwd, "back\\slash");
    mkdirSync(dir);
    const { code, stdout } = await cli.run(["crontab", "--json"], { cwd: dir });
    expect(code).toBe(4);
    expect(JSON.parse(stdout)).toMatchObject({ error: { name: "refused", message: expect.stringContaining("back") } });
  });

  it("--json gives the same lines to a program", async () => {
    const { code, stdout } = await cli.run(["crontab", "--json"]);
    expect(code).toBe(0);
    const { items, count, path } = JSON.parse(stdout) as { items: CrontabLine[]; count: number; path: string };
    expect(count).toBe(JOB_NAMES.length);
    expect(path.split(":")).toContain("/usr/bin");
    expect(items.map(({ schedule, command }) => `${schedule} ${command}`)).toEqual(entries(await crontab()));
    expect(items.at(-1)).toMatchObject({ job: "sync_stock", enabled: true, interval_sec: 300, every_sec: 300, or_every_sec: null });
  });

  it("names the interval that is none", async () => {
    const { code, stderr } = await cli.run(["crontab"], { env: { IPASS_JOB_SYNC_STOCK_INTERVAL_SEC: "often" } });
    expect({ code, stderr }).toEqual({ code: 10, stderr: expect.stringContaining("IPASS_JOB_SYNC_STOCK_INTERVAL_SEC") });
  });
});

import stringWidth from "string-width";
import { describe, expect, it } from "vitest";
import type { Status } from "../../src/store/status.ts";
import { JOB_NAMES } from "../../src/sync/job-name.ts";
import { addOrderRow } from "../helpers/builders.ts";
import { PULL, PUSH } from "../jobs/world.ts";
import { useShell } from "./shell.ts";

const shell = await useShell();
const { world } = shell;
const screen = async (env = {}) => {
  const { code, stdout, stderr } = await world.start(["status"], env).done;
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(Math.max(...stdout.split("\n").map((line) => stringWidth(line)))).toBeLessThanOrEqual(80);
  return stdout.split("\n");
};
const OFF = Object.fromEntries(JOB_NAMES.map((job) => [`IPASS_JOB_${job.toUpperCase()}_ENABLE`, "false"]));

describe("ipass status", () => {
  it("on a new installation says that nothing runs, and leads to the starting point and the crontab", async () => {
    const lines = await screen();
    expect(lines[0]).toBe("NOT RUNNING: no job has ever run; nothing is stuck.");
    expect(lines.join("\n")).toMatch(/ipass watermark set pull_dsco_orders[\s\S]*ipass crontab\n$/);
  });

  it("after a day's work shows jobs, stages, tasks and deadlines, and what to type last", async () => {
    await world.open({ orders: 24, broken: 12 });
    await world.pulled();
    await world.pass(PUSH);
    const [open] = await world.db.query<{ tasks: string }>("select count(*) as tasks from manual_task where status = 0");
    await addOrderRow(world.db, {
      dsco_order_id: "收件-9",
      push_status: 1,
      ack_status: 3,
      acknowledge_by_date: new Date(Date.now() - 7_200_000),
    });
    const lines = await screen();
    expect(lines[0]).toMatch(/^NOT ALL RUNNING: 4 of 6 jobs overdue; 1 order past a deadline; \d+ open tasks\.$/);
    const text = lines.join("\n");
    expect(text).toMatch(/^pull_dsco_orders .* 3 partial +\d+ s ago +60 s +\d+ s ago$/m);
    expect(text).toMatch(/^ack_to_dsco +never +never, OVERDUE/m);
    expect(text).toContain(`${open?.tasks} open: `);
    expect(text).toMatch(/^OVER since 2 h( \d min)? +ack +3 PERSON +收件-9$/m);
    expect(text).toMatch(/ipass crontab\n\n[\s\S]*ipass explain '收件-9'\n\n[\s\S]*ipass manual-tasks\n[\s\S]*$/);
  });

  it("ends with the figures when nobody has to do anything", async () => {
    await world.open({ orders: 0 });
    const lines = await screen(OFF);
    expect(lines[0]).toBe("SWITCHED OFF: no job is enabled; nothing is stuck.");
    expect(lines.filter((line) => line.includes("switched off"))).toHaveLength(JOB_NAMES.length);
    expect(lines.join("\n")).not.toContain("To do");
  });

  it("--json is the whole of it, with times in UTC", async () => {
    await world.open({ orders: 3 });
    await world.pulled();
    const status = await shell.json<Status>("status");
    expect(Object.keys(status)).toEqual(["at", "orders", "stages", "jobs", "tasks", "deadlines"]);
    expect(status).toMatchObject({
      orders: { total: 3, open: 3 },
      stages: { push: { job: PUSH, waiting: 3, due: 3 } },
      jobs: {
        [PULL]: {
          enabled: true,
          interval_sec: 60,
          overdue: false,
          last_run: { exit: { code: 0, name: "ok" } },
          watermark: { mode: "updatedSince" },
        },
      },
      tasks: { open: 0, by_type: {} },
    });
    expect(status.jobs[PULL].last_success_at).toMatch(/^\d{4}-\d{2}-\d{2}T.*Z$/);
  });

  it("names the setting that keeps it from saying anything", async () => {
    const { code, stderr } = await world.start(["status"], { IPASS_JOB_SYNC_STOCK_INTERVAL_SEC: "five" }).done;
    expect({ code, stderr }).toEqual({ code: 10, stderr: expect.stringContaining("IPASS_JOB_SYNC_STOCK_INTERVAL_SEC") });
  });
});

import { describe, expect, it } from "vitest";
import { runAnswer } from "../../src/admin/api.ts";
import { EXIT, type ExitName, exit } from "../../src/exit-codes.ts";
import type { RunReport } from "../../src/jobs/run-job.ts";
import { expectAsDocumented } from "./openapi.ts";

const report = (name: ExitName, more: Partial<RunReport> = {}): RunReport => ({
  job: "pull_dsco_orders",
  trace_id: "t",
  exit: exit(name),
  dry_run: false,
  counts: { read: 0, done: 0, waiting: 0, failed: 0, manual: 0, skipped: 0 },
  duration_ms: 1,
  ...more,
});

const STATUS: Partial<Record<ExitName, number>> = { ok: 200, partial: 200, deadline: 200, locked: 409 };
const NAMES = (Object.keys(EXIT) as ExitName[]).filter((name) => name !== "findings"); // doctor's alone

describe("a run over HTTP", () => {
  it.each(NAMES.map((name) => ({ name, status: STATUS[name] ?? 500 })))("that ends $name: $status", async ({ name, status }) => {
    const answer = runAnswer(report(name));
    expect(answer.status).toBe(status);
    const text = await answer.text();
    expectAsDocumented("POST", "/admin/run", status, answer.headers.get("content-type"), text);
    expect(JSON.parse(text)).toMatchObject({ ok: status === 200, ...report(name) });
    // What has no error of its own is given one: a caller need not know which exits come with it.
    if (status !== 200) expect(JSON.parse(text)).toMatchObject({ error: { ...exit(name), message: EXIT[name].meaning } });
  });

  it("keeps the error it has", async () => {
    const error = { code: 13, name: "database" as const, message: "gone", next_step: "look" };
    expect(JSON.parse(await runAnswer(report("database", { error })).text())).toMatchObject({ ok: false, error });
  });
});

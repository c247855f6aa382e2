import { Command } from "commander";
import type { JobName } from "../sync/job-name.ts";
import { parseCount, parseJob } from "./parse.ts";

export const watermarkCommand = (): Command =>
  new Command("watermark")
    .description("How far a job has read. A run moves it only over what it has committed.")
    .addHelpText("after", "\nExample:\n  ipass watermark list")
    .addCommand(getCommand())
    .addCommand(setCommand())
    .addCommand(listCommand());

function getCommand(): Command {
  return new Command("get")
    .description("print a job's watermark; null when it has none")
    .argument("<job>", "the job", parseJob)
    .option("--json", "print one JSON document (it is one anyway)")
    .addHelpText("after", "\nExample:\n  ipass watermark get pull_dsco_orders")
    .action(async (job: JobName) => {
      const [{ withDatabase }, { WatermarkStore }, { printLine }] = await Promise.all([
        import("./database.ts"),
        import("../store/watermark-store.ts"),
        import("./output.ts"),
      ]);
      printLine((await withDatabase((db) => new WatermarkStore(db).find(job))) ?? "null");
    });
}

function setCommand(): Command {
  return new Command("set")
    .description("set a job's watermark; a run in progress gives way")
    .argument("<job>", "the job", parseJob)
    .argument("<json>", "in the shape of this job")
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      `\nExample, before the first push on a live account:\n  ipass watermark set pull_dsco_orders '{"mode":"updatedSince","since":"2026-11-22T00:00:00Z"}'`,
    )
    .action(async (job: JobName, text: string, { json }: { json?: true }) => {
      const [{ withDatabase, whoAsks }, { setWatermark }, { watermarkAsJson }, { printJson, printLine }] = await Promise.all([
        import("./database.ts"),
        import("../store/set-watermark.ts"),
        import("../sync/watermark.ts"),
        import("./output.ts"),
      ]);
      const { before, after } = await withDatabase((db, app) =>
        setWatermark(db, job, text, { traceId: app.traceId, actor: whoAsks() }, new Date()),
      );
      if (json) return printJson({ job, before: watermarkAsJson(before), after });
      printLine(`before: ${before ?? "null"}`);
      printLine(`after:  ${JSON.stringify(after)}`);
    });
}

function listCommand(): Command {
  return new Command("list")
    .description("all watermarks, or how they moved")
    .option("--history", "every change, newest first, with who made it")
    .option("--limit <n>", "with --history: at most n changes", parseCount(1, 200), 50)
    .option("--json", "print one JSON document")
    .addHelpText("after", "\nExample:\n  ipass watermark list --history")
    .action(async ({ history, limit, json }: { history?: true; limit: number; json?: true }) => {
      const [{ withDatabase }, { WatermarkStore }, { RunStore }, { watermarkAsJson }, { printColumns, printJson, printLine, shortTime }] =
        await Promise.all([
          import("./database.ts"),
          import("../store/watermark-store.ts"),
          import("../store/run-store.ts"),
          import("../sync/watermark.ts"),
          import("./output.ts"),
        ]);
      if (history) {
        const items = await withDatabase((db) => new RunStore(db).watermarkHistory(limit));
        if (json) return printJson({ items, count: items.length });
        if (items.length === 0) return printLine("no watermark was ever set");
        printColumns(
          ["moved (UTC)", "job", "by"],
          items.map(({ at, job, kind, actor, before, after }) => ({
            cells: [shortTime(at), job, kind === "pass" ? "run" : actor],
            notes: [`before ${before ?? "null"}`, `after ${after}`],
          })),
        );
        return printLine("to put an earlier one back: ipass watermark set <job> '<before>'");
      }
      const items = await withDatabase((db) => new WatermarkStore(db).list());
      if (json)
        return printJson({
          items: items.map(({ job, watermark, updatedAt }) => ({
            job,
            watermark: watermarkAsJson(watermark),
            updated_at: updatedAt,
          })),
          count: items.length,
        });
      if (items.length === 0) return printLine("no watermark is set");
      printColumns(
        ["job", "moved (UTC)"],
        items.map(({ job, watermark, updatedAt }) => ({ cells: [job, shortTime(updatedAt)], notes: [watermark] })),
      );
    });
}

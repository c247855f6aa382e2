import { Command } from "commander";

export const statusCommand = (): Command =>
  new Command("status")
    .description(
      "Whether everything runs and whether anything is stuck; where each stage, job, task and deadline stands; what to type next.",
    )
    .option("--json", "print one JSON document")
    .addHelpText("after", "\nExample:\n  ipass status")
    .action(showStatus);

async function showStatus({ json }: { json?: true }): Promise<void> {
  const [{ withDatabase }, { StatusQuery }, { toStatus }, { printJson }] = await Promise.all([
    import("./database.ts"),
    import("../store/status-query.ts"),
    import("../store/status.ts"),
    import("./output.ts"),
  ]);
  const status = await withDatabase(async (db, app) => {
    const { jobs } = app.config(["jobs"]);
    return toStatus(await new StatusQuery(db).read(), jobs);
  });
  if (json) return printJson(status);
  const [{ statusScreen }, { paintFor }] = await Promise.all([import("./status-screen.ts"), import("./paint.ts")]);
  process.stdout.write(statusScreen(status, paintFor(process.stdout)));
}

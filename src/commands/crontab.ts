import { delimiter, dirname } from "node:path";
import { Command } from "commander";

export const crontabCommand = (): Command =>
  new Command("crontab")
    .description("Prints the lines for cron, from the configured intervals and for this folder; installs nothing.")
    .option("--json", "print one JSON document")
    .addHelpText("after", "\nExample, in the folder with .env; look at it, then paste it with crontab -e:\n  ipass crontab")
    .action(printCrontab);

async function printCrontab({ json }: { json?: true }): Promise<void> {
  const [{ openApp }, { existsSync }, { decideCrontab }, { crontabText }, { printJson }] = await Promise.all([
    import("../app.ts"),
    import("node:fs"),
    import("./crontab-lines.ts"),
    import("./crontab-text.ts"),
    import("./output.ts"),
  ]);
  await using app = openApp(crypto.randomUUID());
  const dir = process.cwd();
  const crontab = decideCrontab(app.config(["jobs"]).jobs, { dir, program: process.argv[1] ?? "", path: pathForCron() });
  if (json) return printJson({ path: crontab.path, items: crontab.lines, count: crontab.lines.length });
  process.stdout.write(crontabText(crontab, { hasDotEnv: existsSync(`${dir}/.env`) }));
}

/** cron's own PATH is short; ipass begins with `env node`. */
function pathForCron(): string {
  return [...new Set([dirname(process.execPath), "/usr/local/bin", "/usr/bin", "/bin"])].join(delimiter);
}

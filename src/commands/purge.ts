import { Command, InvalidArgumentError } from "commander";

/** A century: beyond it the database has no dates to count with. */
const MOST_DAYS = 36_500;

interface Flags {
  readonly olderThan: number;
  readonly dryRun?: true;
  readonly json?: true;
}

export const purgeCommand = (): Command =>
  new Command("purge")
    .description(
      "Deletes the raw texts, with the customers' names and addresses, of orders that are finished for so long. Their state, history and tasks stay.",
    )
    .requiredOption("--older-than <days>", "finished and unchanged for so many days, such as 90 or 90d", parseDays)
    .option("--dry-run", "delete nothing; say how many")
    .option("--json", "print one JSON document")
    .addHelpText("after", "\nExample, as a crontab line:\n  17 3 * * * cd /srv/ipass && bin/ipass purge --older-than 90")
    .action(purge);

function parseDays(text: string): number {
  const days = /^(\d{1,5})d?$/.exec(text);
  const count = Number(days?.[1] ?? Number.NaN);
  if (!(count >= 1 && count <= MOST_DAYS)) throw new InvalidArgumentError(`Whole days from 1 to ${MOST_DAYS}, such as 90 or 90d.`);
  return count;
}

async function purge({ olderThan, dryRun = false as const, json }: Omit<Flags, "dryRun"> & { readonly dryRun?: boolean }): Promise<void> {
  const [{ withDatabase }, { RawPurge }, { printJson, printLine }] = await Promise.all([
    import("./database.ts"),
    import("../store/raw-purge.ts"),
    import("./output.ts"),
  ]);
  const purged = await withDatabase(async (db, app) => {
    const texts = new RawPurge(db, await RawPurge.daysAgo(db, olderThan));
    const count = dryRun ? await texts.count() : await texts.purge();
    app.log.info("raw_purged", { purged: count, older_than_days: olderThan, dry_run: dryRun });
    return count;
  });
  if (json) return printJson({ purged, older_than_days: olderThan, dry_run: dryRun });
  // Cron mails whatever is printed.
  if (purged === 0 && !dryRun && !process.stdout.isTTY) return;
  printLine(`${dryRun ? "would purge" : "purged"} ${counted(purged, "raw text")} of what is finished for ${counted(olderThan, "day")}`);
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

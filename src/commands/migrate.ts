import { Command } from "commander";

export const migrateCommand = (): Command =>
  new Command("migrate")
    .description("Creates or updates the tables. May be run any time, by several hosts at once, and after the SQL files were run by hand.")
    .option("--json", "print one JSON document")
    .addHelpText("after", "\nExample:\n  ipass migrate")
    .action(async ({ json }: { json?: true }) => {
      const { migrations, done } = await withMigrations((store) => store.apply());
      await tell(
        json,
        { applied: done },
        done.length === 0 ? `nothing to do: ${migrations} applied already` : `applied ${done.join(", ")}`,
      );
    })
    .addCommand(
      new Command("status")
        .description("which migrations are applied, which are pending")
        .option("--json", "print one JSON document")
        .addHelpText("after", "\nExample:\n  ipass migrate status")
        .action(async (_flags: object, command: Command) => {
          const { done } = await withMigrations((store) => store.status());
          await tell(
            command.optsWithGlobals<{ json?: true }>().json,
            done,
            [...done.applied.map((name) => `applied  ${name}`), ...done.pending.map((name) => `pending  ${name}`)].join("\n"),
          );
        }),
    )
    .addCommand(
      new Command("rollback")
        .description("drop all tables of ipass; refused while one of them holds a row")
        .requiredOption("--yes", "yes, drop them")
        .option("--json", "print one JSON document")
        .addHelpText("after", "\nExample:\n  ipass migrate rollback --yes")
        .action(async (_flags: object, command: Command) => {
          const { done } = await withMigrations((store) => store.rollback());
          await tell(
            command.optsWithGlobals<{ json?: true }>().json,
            { rolled_back: done },
            done.length === 0 ? "nothing to roll back" : `rolled back ${done.join(", ")}`,
          );
        }),
    );

async function withMigrations<T>(
  work: (store: import("../store/migrations.ts").Migrations) => Promise<T>,
): Promise<{ done: T; migrations: number }> {
  const [{ withDatabase }, { Migrations }] = await Promise.all([import("./database.ts"), import("../store/migrations.ts")]);
  return withDatabase(
    async (db, app) => {
      const store = new Migrations(db, app.config(["database"]).database);
      const done = await work(store);
      return { done, migrations: (await store.status()).applied.length };
    },
    { silenceMs: 0 }, // a new index on a large table takes minutes in which the server says nothing
  );
}

async function tell(json: true | undefined, document: unknown, text: string): Promise<void> {
  const { printJson, printLine } = await import("./output.ts");
  if (json) printJson(document);
  else printLine(text);
}

import { Command, CommanderError } from "commander";
import { terminalText } from "./commands/terminal-text.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";

interface Entry {
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

/** Every command; its module is loaded only when it is called, so that `--help` and a cron tick stay fast. */
const COMMANDS: Readonly<Record<string, Entry>> = {
  run: { summary: "one pass of a job", load: async () => (await import("./commands/run.ts")).runCommand() },
  status: {
    summary: "is it running, is anything stuck, what to type next",
    load: async () => (await import("./commands/status.ts")).statusCommand(),
  },
  runs: { summary: "the runs of the jobs, and how they ended", load: async () => (await import("./commands/runs.ts")).runsCommand() },
  watermark: {
    summary: "how far a job has read: get, set, list",
    load: async () => (await import("./commands/watermark.ts")).watermarkCommand(),
  },
  "order-state": {
    summary: "where orders stand; requeue or close a stage",
    load: async () => (await import("./commands/order-state.ts")).orderStateCommand(),
  },
  "manual-tasks": {
    summary: "what waits for a person",
    load: async () => (await import("./commands/manual-tasks.ts")).manualTasksCommand(),
  },
  explain: {
    summary: "one order's life, and what to do about it",
    load: async () => (await import("./commands/explain.ts")).explainCommand(),
  },
  stock: {
    summary: "what a stock pass would change; one SKU's history",
    load: async () => (await import("./commands/stock.ts")).stockCommand(),
  },
  crontab: {
    summary: "the lines for cron, from the configured intervals",
    load: async () => (await import("./commands/crontab.ts")).crontabCommand(),
  },
  purge: {
    summary: "delete the raw texts of orders finished long ago",
    load: async () => (await import("./commands/purge.ts")).purgeCommand(),
  },
  doctor: {
    summary: "whether everything ipass needs is as it should be, and what to do",
    load: async () => (await import("./commands/doctor.ts")).doctorCommand(),
  },
  migrate: { summary: "create or update the tables", load: async () => (await import("./commands/migrate.ts")).migrateCommand() },
  serve: { summary: "the HTTP admin", load: async () => (await import("./commands/serve.ts")).serveCommand() },
  sandbox: {
    summary: "stand-ins for DSCO and Lingxing on this machine",
    load: async () => (await import("./commands/sandbox.ts")).sandboxCommand(),
  },
};

const EXIT_CODES = Object.values(EXIT)
  .map(({ code, meaning }) => `  ${String(code).padStart(3)}  ${meaning}`)
  .join("\n");

/** Runs one command line; resolves to the exit code when everything is printed and closed. */
export async function runCli(argv: readonly string[], { version, traceId }: { version: string; traceId: string }): Promise<ExitCode> {
  const program = new Command("ipass")
    .description("Moves dropship orders from DSCO to Lingxing, and confirmations, shipments, invoices and stock back.")
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print help")
    .enablePositionalOptions() // else `manual-tasks resolve` would take, and overlook, the filters of `manual-tasks`
    .addHelpText("after", `\nExit codes:\n${EXIT_CODES}\n\nExample:\n  ipass run pull_dsco_orders --json`)
    .configureOutput({ outputError: () => undefined }) // printed below, as JSON if JSON was asked for
    .exitOverride();
  const called = argv.find((word) => !word.startsWith("-"));
  for (const [name, { summary, load }] of Object.entries(COMMANDS)) {
    const command = name === called ? await load() : new Command(name);
    program.addCommand(inherit(command.summary(summary), program));
  }
  process.exitCode = EXIT.ok.code;
  try {
    if (argv.length === 0) program.outputHelp();
    else await program.parseAsync([...argv], { from: "user" });
    return process.exitCode as ExitCode;
  } catch (error) {
    if (error instanceof CommanderError) return usageEnd(error, argv);
    const { reportFailure } = await import("./commands/failure.ts");
    return reportFailure(error, { json: argv.includes("--json"), traceId });
  }
}

/** Commander does not hand its settings down to commands that were built elsewhere. */
function inherit(command: Command, parent: Command): Command {
  command.copyInheritedSettings(parent);
  for (const child of command.commands) inherit(child, command);
  return command;
}

function usageEnd(error: CommanderError, argv: readonly string[]): ExitCode {
  if (error.exitCode === 0) return EXIT.ok.code;
  if (error.code === "commander.help") return EXIT.usage.code; // a command without its subcommand: the help was printed
  const message = error.message.replace(/^error: /, "");
  const nextStep = `see: ipass ${[argv.find((word) => Object.hasOwn(COMMANDS, word)), "--help"].filter(Boolean).join(" ")}`;
  if (argv.includes("--json")) {
    process.stdout.write(`${JSON.stringify({ error: { code: EXIT.usage.code, name: "usage", message, next_step: nextStep } })}\n`);
  } else process.stderr.write(terminalText(`ipass: ${message}\n${nextStep}\n`));
  return EXIT.usage.code;
}

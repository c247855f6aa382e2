import { openApp, type ReportedError } from "../app.ts";
import { ConfigError } from "../errors.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { terminalText } from "./terminal-text.ts";

/** The end of a command that threw: message and next step, no stack trace; a bug goes to error.log with its frames. */
export async function reportFailure(error: unknown, { json, traceId }: { json: boolean; traceId: string }): Promise<ExitCode> {
  await using app = openApp(traceId);
  const known = app.foresee(error);
  const report = app.report(known);
  if (json)
    process.stdout.write(
      `${JSON.stringify({ error: { ...report, ...(known instanceof ConfigError ? { problems: known.problems } : {}) } })}\n`,
    );
  else printError(report);
  return EXIT[known.exit].code;
}

export function printError({ message, next_step }: ReportedError): void {
  process.stderr.write(terminalText(`ipass: ${message}\n${next_step}\n`));
}

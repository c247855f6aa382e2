import { randomUUID } from "node:crypto";
import { EXIT, type ExitName } from "./exit-codes.ts";

declare const IPASS_VERSION: string;

process.stdout.on("error", onPipeError);
process.stderr.on("error", onPipeError);

const [first] = process.argv.slice(2);
if (process.argv.length === 3 && (first === "--version" || first === "-V")) process.stdout.write(`${IPASS_VERSION}\n`);
else {
  const { runCli } = await import("./program.ts");
  process.exitCode = await runCli(process.argv.slice(2), { version: IPASS_VERSION, traceId: randomUUID() });
}

/** Whoever read our output has closed it (`ipass … | head`): there is nobody left to tell. Any other failure is a bug. */
function onPipeError(error: NodeJS.ErrnoException): void {
  if (error.code === "EPIPE") return;
  process.exitCode = EXIT["internal" satisfies ExitName].code;
}

declare const IPASS_VERSION: string;

// Nothing is imported here, so that asking for the version costs no more than starting Node.
process.stdout.on("error", onOutputError);
process.stderr.on("error", onOutputError);

const [first] = process.argv.slice(2);
if (process.argv.length === 3 && (first === "--version" || first === "-V")) process.stdout.write(`${IPASS_VERSION}\n`);
else {
  const { runCli } = await import("./program.ts");
  process.exitCode = await runCli(process.argv.slice(2), { version: IPASS_VERSION, traceId: crypto.randomUUID() });
}

/**
 * Whoever read our output has closed it (`ipass … | head`): there is nobody left to tell, and the exit code is that of the work. What could
 * not be written for any other reason (a full disk) is missing where somebody will look for it: exit 1.
 */
function onOutputError(this: NodeJS.WriteStream, error: NodeJS.ErrnoException): void {
  if (error.code === "EPIPE") return;
  process.exitCode = 1;
  if (this === process.stdout) process.stderr.write(`ipass: cannot write the output (${error.code}); what was done is done\n`);
}

export {}; // a module: it awaits

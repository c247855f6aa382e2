declare const IPASS_VERSION: string;

// Nothing is imported here, so that asking for the version costs no more than starting Node.
process.stdout.on("error", onPipeError);
process.stderr.on("error", onPipeError);

const [first] = process.argv.slice(2);
if (process.argv.length === 3 && (first === "--version" || first === "-V")) process.stdout.write(`${IPASS_VERSION}\n`);
else {
  const { runCli } = await import("./program.ts");
  process.exitCode = await runCli(process.argv.slice(2), { version: IPASS_VERSION, traceId: crypto.randomUUID() });
}

/** Whoever read our output has closed it (`ipass … | head`): there is nobody left to tell. Any other failure is a bug. */
function onPipeError(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") process.exitCode = 1;
}

export {}; // a module: it awaits

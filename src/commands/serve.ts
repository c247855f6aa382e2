import { randomUUID } from "node:crypto";
import { Command } from "commander";
import type { AdminServer } from "../admin/server.ts";

const HELP = `
Listens on IPASS_HTTP_ADDR; IPASS_ADMIN_TOKEN protects everything but /healthz and /readyz.
  SIGTERM, SIGINT  no new connection; requests and passes in progress end in order, then exit 0: being stopped is its normal end.
                   A second signal ends it at once.
  SIGHUP           opens the log files anew, after logrotate

Example:
  IPASS_HTTP_ADDR=127.0.0.1:8080 ipass serve`;

export const serveCommand = (): Command =>
  new Command("serve")
    .description("The HTTP admin: health, runs, reads, metrics and the page, until it is told to stop.")
    .option("--json", "print one JSON document once it listens")
    .addHelpText("after", HELP)
    .action(serve);

async function serve({ json }: { json?: true }): Promise<void> {
  const [{ openApp }, { readSetting }] = await Promise.all([import("../app.ts"), import("../config/inspect.ts")]);
  await using app = openApp(randomUUID());
  // Alone: whoever switched it off need not have configured the rest, and whoever did not is told of all that is wrong at once.
  if (readSetting(app.env, "IPASS_HTTP_ENABLE") === false) {
    process.stdout.write(json ? `${JSON.stringify({ enabled: false })}\n` : "the HTTP admin is switched off: IPASS_HTTP_ENABLE=false\n");
    return;
  }
  const { startAdmin } = await import("../admin/server.ts");
  const admin = await startAdmin(app, app.config(["admin", "database", "jobs", "rules"]));
  const stopped = stopSignal(); // before anything is printed: whoever reads the address may stop us at once
  process.on("SIGHUP", admin.reopenLogs);
  app.log.info("serve_start", { url: admin.url, protection: admin.protection });
  announce(admin, json === true);
  const signal = await stopped;
  app.log.info("serve_stopping", { signal });
  await admin.drain();
  app.log.info("serve_end");
}

function announce({ url, protection }: AdminServer, json: boolean): void {
  if (json) process.stdout.write(`${JSON.stringify({ enabled: true, url, protection })}\n`);
  else if (process.stdout.isTTY) process.stdout.write(`ipass admin: ${url}\n`);
  if (protection === "nothing")
    process.stderr.write(
      "ipass: no IPASS_ADMIN_TOKEN, and the address can be reached from elsewhere: all but /healthz and /readyz answers 401\n" +
        "set IPASS_ADMIN_TOKEN, or IPASS_HTTP_ADDR=127.0.0.1:8080 for this machine only\n",
    );
}

/** The first one only: with no listener left, a second signal ends the process as it always does. */
function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const stop = (signal: NodeJS.Signals) => {
      process.removeListener("SIGTERM", stop);
      process.removeListener("SIGINT", stop);
      resolve(signal);
    };
    process.on("SIGTERM", stop);
    process.on("SIGINT", stop);
  });
}

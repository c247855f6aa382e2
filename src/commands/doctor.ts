import { randomUUID } from "node:crypto";
import { Command } from "commander";

interface Flags {
  readonly offline?: true;
  readonly json?: true;
}

export const doctorCommand = (): Command =>
  new Command("doctor")
    .description(
      "Looks at everything ipass needs: settings, database, clocks, credentials, maps, disk, jobs. Says what is wrong and what to do. Changes nothing.",
    )
    .option("--offline", "ask no vendor")
    .option("--json", "print one JSON document")
    .addHelpText("after", "\nExit codes: 0 nothing fails (there may be warnings) · 20 something fails\n\nExample:\n  ipass doctor")
    .action(doctor);

async function doctor({ offline, json }: Flags): Promise<void> {
  const [{ App }, { readDotEnv }, { ConfigError }, { EXIT }, { examine }, { doctorReport }] = await Promise.all([
    import("../app.ts"),
    import("../config/dot-env.ts"),
    import("../errors.ts"),
    import("../exit-codes.ts"),
    import("../doctor/examine.ts"),
    import("../doctor/report.ts"),
  ]);
  const cwd = process.cwd();
  let envFailure: InstanceType<typeof ConfigError> | undefined;
  try {
    readDotEnv(cwd, process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    envFailure = error; // one of the things to be found
  }
  await using app = new App(process.env, randomUUID());
  const findings = await examine(app, { cwd, envFailure, offline: offline === true });
  const report = doctorReport(findings, (text) => app.redactor.redact(text));
  process.exitCode = report.fail > 0 ? EXIT.findings.code : EXIT.ok.code;
  if (json) return (await import("./output.ts")).printJson(report.document);
  const [{ doctorScreen }, { paintFor }] = await Promise.all([import("./doctor-screen.ts"), import("./paint.ts")]);
  process.stdout.write(doctorScreen(report, paintFor(process.stdout)));
}

import { mkdir, stat, statfs, unlink, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { unknownVariables } from "../../config/env.ts";
import { inspectSettings } from "../../config/inspect.ts";
import type { ConfigError } from "../../errors.ts";
import type { Check, Context } from "../check.ts";
import { codeOf, type EnvFile, judgeEnvFile, judgeLogDirectory, judgeLogSpace } from "../judge/files.ts";
import { judgeSettings, judgeTogether, judgeUnknown, type Readable } from "../judge/settings.ts";

const settings: Check = {
  id: "config",
  broken: "fail",
  async run({ app, needed }) {
    return [...judgeSettings(inspectSettings(app.env, needed)), judgeUnknown(unknownVariables(app.env))];
  },
};

const together: Check = {
  id: "settings",
  broken: "fail",
  async run({ app, readable }) {
    const sections = ["admin", "dsco", "lingxing", "rules", "push", "stock", "jobs"] as const;
    const read = sections.map((section) => [section, readable(section)] as const);
    return judgeTogether(Object.fromEntries(read) as Readable, (name) => (app.env[name] ?? "").trim() !== "");
  },
};

const logs: Check = {
  id: "log",
  broken: "fail",
  async run({ app, cwd }) {
    const path = resolve(cwd, app.config(["log"]).log.dir);
    const failure = await tryWriting(path);
    const directory = { path, failure, freeBytes: await freeBytes(path) };
    return [judgeLogDirectory(directory), judgeLogSpace(directory)];
  },
};

/** As the log does: the directory is made where it is missing, and its files are new ones. */
async function tryWriting(path: string): Promise<string | undefined> {
  const probe = join(path, `.ipass-doctor-${process.pid}`);
  try {
    await mkdir(path, { recursive: true });
    await writeFile(probe, "x");
    await unlink(probe);
    return undefined;
  } catch (error) {
    return codeOf(error);
  }
}

/** Of the nearest directory above it that there is. */
async function freeBytes(path: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  } catch (error) {
    return codeOf(error) === "ENOENT" && dirname(path) !== path ? freeBytes(dirname(path)) : undefined;
  }
}

/** `.env` was read before anything else; `failure` is what came of that. */
export function envFileCheck(failure: ConfigError | undefined): Check {
  return {
    id: "env_file",
    broken: "fail",
    run: async (context) => judgeEnvFile(await lookAtEnvFile(context, failure)),
  };
}

async function lookAtEnvFile({ app, cwd }: Context, failure: ConfigError | undefined): Promise<EnvFile> {
  const path = join(cwd, ".env");
  const variables = Object.keys(app.env).filter((name) => name.startsWith("IPASS_")).length;
  if (failure !== undefined) return { path, mode: undefined, failure: failure.problems[0]?.given ?? "unreadable", variables };
  try {
    return { path, mode: (await stat(path)).mode, failure: undefined, variables };
  } catch (error) {
    const code = codeOf(error);
    return { path, mode: undefined, failure: code === "ENOENT" ? undefined : code, variables };
  }
}

export const LOCAL_CHECKS: readonly Check[] = [settings, together, logs];

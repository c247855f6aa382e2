import { inspect } from "node:util";
import { shellWord } from "../../sync/shell-word.ts";
import { type Finding, fail, pass, warn } from "../finding.ts";

/** The directory of the logs: what came of writing there, and what is left of the disk. */
export interface LogDirectory {
  readonly path: string;
  /** The system's code; undefined: a file could be made and taken away again. */
  readonly failure: string | undefined;
  readonly freeBytes: number | undefined;
}

export function judgeLogDirectory({ path, failure }: LogDirectory): Finding {
  const id = "log.directory";
  if (failure === undefined) return pass(id, `${path} can be written`);
  const found = `${path} cannot be written (${failure}); lines of the log go to standard error, where cron mails or drops them`;
  switch (failure) {
    case "EACCES":
    case "EPERM":
      return fail(
        id,
        found,
        "give it to the user that runs ipass; as root",
        `mkdir -p ${shellWord(path)} && chown <user> ${shellWord(path)}`,
      );
    case "EEXIST":
    case "ENOTDIR":
      return fail(id, found, "a file is in the way: take it away, or put another directory into IPASS_LOG_DIR");
    case "ENOSPC":
    case "EDQUOT":
      return fail(id, found, "free space on that disk; old logs may go", oldLogs(path));
    default:
      return fail(id, found, "put a directory that can be written into IPASS_LOG_DIR");
  }
}

const MEBI = 1024 * 1024;
/** A day of six jobs a minute with little to do writes some 10 MB, one of 10,000 orders some 100. */
const FEW_BYTES = 200 * MEBI;
const TOO_FEW_BYTES = 20 * MEBI;

export function judgeLogSpace({ path, freeBytes }: LogDirectory): Finding {
  const id = "log.space";
  if (freeBytes === undefined)
    return warn(id, "the free space on the disk of the logs cannot be told", "see what df says of it", `df -h ${shellWord(path)}`);
  const found = `${Math.floor(freeBytes / MEBI)} MiB free on the disk of ${path}`;
  const text = "free space there, and have logrotate keep the logs short; old ones may go";
  if (freeBytes < TOO_FEW_BYTES) return fail(id, found, text, oldLogs(path));
  if (freeBytes < FEW_BYTES) return warn(id, found, text, oldLogs(path));
  return pass(id, found);
}

function oldLogs(path: string): string {
  return `find ${shellWord(path)} -name '*.log?*' -mtime +7 -delete`;
}

/** `.env` in the working directory. */
export interface EnvFile {
  readonly path: string;
  /** Its permission bits; undefined: there is none, or it cannot be read. */
  readonly mode: number | undefined;
  /** Why it cannot be read; undefined: it can, or there is none. */
  readonly failure: string | undefined;
  /** Variables of ipass that are set, by the file or otherwise. */
  readonly variables: number;
}

export function judgeEnvFile({ path, mode, failure, variables }: EnvFile): Finding {
  const id = "env_file";
  if (failure !== undefined)
    return fail(
      id,
      `${path} cannot be read (${failure}), so nothing in it counts`,
      "let the user that runs ipass read it, and nobody else; as root",
      `chown <user> ${shellWord(path)} && chmod 600 ${shellWord(path)}`,
    );
  if (mode === undefined && variables === 0) {
    return fail(
      id,
      `no ${path}, and no variable of ipass is set`,
      "start ipass in the directory of its .env, as crontab.example does",
      "cd /srv/ipass && bin/ipass doctor",
    );
  }
  if (mode === undefined) return pass(id, `no ${path}: all settings come from the environment`);
  const bits = (mode & 0o777).toString(8).padStart(4, "0");
  if ((mode & 0o007) !== 0)
    return warn(
      id,
      `${path} holds secrets and every user of this machine may read it (${bits})`,
      "take that right away",
      `chmod o= ${shellWord(path)}`,
    );
  return pass(id, `${path} is for its owner${(mode & 0o070) === 0 ? "" : " and group"} only (${bits})`);
}

/** For an error of the file system. */
export function codeOf(error: unknown): string {
  return typeof error === "object" && error !== null && "code" in error && typeof error.code === "string"
    ? error.code
    : inspect(error).slice(0, 100);
}

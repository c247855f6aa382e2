import { readFileSync } from "node:fs";
import { join } from "node:path";
import dotenv from "dotenv";
import { ConfigError } from "../errors.ts";

/**
 * Adds what `<dir>/.env` says to `env`, without overriding what is set there, even to an empty text. No file is fine.
 * Not dotenv's `config()`: that one takes orders from DOTENV_… variables, prints, and swallows a file it may not read.
 * @throws ConfigError when the file is there but cannot be read: else every setting in it would be reported as missing
 */
export function readDotEnv(dir: string, env: NodeJS.ProcessEnv): void {
  const path = join(dir, ".env");
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unreadable";
    if (code === "ENOENT") return;
    throw new ConfigError([{ name: path, given: code, expected: "a file that this user may read, or none" }]);
  }
  dotenv.populate(env, dotenv.parse(keepHashes(text)), { override: false });
}

/**
 * dotenv ends an unquoted value at any `#`, and so would cut `pass#word` short without a word. For Go's loader, as for a shell,
 * only a `#` after a space starts a comment: such values are put in quotes for dotenv.
 */
function keepHashes(text: string): string {
  return text.replace(
    /^([^\S\n]*(?:export[^\S\n]+)?[\w.-]+[^\S\n]*=[^\S\n]*)([^\s'"`#][^\r\n]*)/gm,
    (line, start: string, rest: string) => {
      const value = rest.replace(/\s#.*$/, "").trimEnd();
      const quote = ["'", '"', "`"].find((mark) => !value.includes(mark));
      return !value.includes("#") || quote === undefined || (quote === '"' && value.includes("\\"))
        ? line
        : `${start}${quote}${value}${quote}`;
    },
  );
}

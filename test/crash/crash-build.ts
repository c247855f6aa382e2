import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "esbuild";
import { afterAll } from "vitest";
import { bundle } from "../../scripts/bundle.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** A piece of source text and what stands there instead. */
export interface Replacement {
  /** Below src/. */
  readonly file: string;
  readonly text: string;
  readonly by: string;
}

/** ipass with live failpoints, for a whole test file; returns the path of the program. */
export async function useCrashBuild(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "ipass-crash-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return buildCrashProgram(folder, []);
}

/**
 * The same with parts of it replaced.
 * @throws when a text does not occur exactly once: what is to be broken has moved, and nothing would be broken
 */
export async function buildCrashProgram(folder: string, replacements: readonly Replacement[]): Promise<string> {
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  await bundle(folder, [live, replacing(replacements)]);
  return join(folder, "cli.js");
}

const live: Plugin = {
  name: "live-failpoints",
  setup({ onResolve }) {
    onResolve({ filter: /\/failpoint\.ts$/ }, () => ({ path: join(root, "test/crash/live-failpoint.ts") }));
  },
};

function replacing(replacements: readonly Replacement[]): Plugin {
  const files = new Map<string, string>();
  for (const { file, text, by } of replacements) {
    const path = join(root, "src", file);
    const before = files.get(path) ?? readFileSync(path, "utf8");
    const parts = before.split(text);
    if (parts.length !== 2) throw new Error(`occurs ${parts.length - 1} times in src/${file}, not once: ${text}`);
    files.set(path, parts.join(by));
  }
  return {
    name: "replace",
    setup({ onLoad }) {
      onLoad({ filter: /\/src\/.*\.ts$/ }, ({ path }) => {
        const contents = files.get(path);
        return contents === undefined ? undefined : { contents, loader: "ts" };
      });
    },
  };
}

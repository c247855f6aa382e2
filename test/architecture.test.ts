import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

/**
 * Who may import whom: cli → commands → jobs → (dsco | lingxing | store), which know nothing of each other; all may use sync.
 * A layer is a folder of src/, or a file that lies in src/ itself. Its own files and LEAVES are always allowed.
 * `types`: only `import type`, which is gone at run time.
 */
const LAYERS: Readonly<Record<string, { readonly uses: readonly string[]; readonly types?: readonly string[] }>> = {
  cli: { uses: ["program"] },
  program: { uses: ["commands"] },
  commands: { uses: ["app", "admin", "doctor", "jobs", "config", "sandbox", "store", "sync"] },
  // Looks at everything and changes nothing; of the jobs it asks only which settings they need.
  doctor: { uses: ["app", "config", "jobs", "store", "sync", "vendors"], types: ["dsco", "lingxing"] },
  admin: { uses: ["app", "jobs", "store", "sync", "config"] },
  app: { uses: ["config", "store", "vendors", "sync"] },
  jobs: { uses: ["vendors", "dsco", "lingxing", "store", "sync"], types: ["config", "app"] },
  vendors: { uses: ["dsco", "lingxing", "store", "http"], types: ["config"] },
  dsco: { uses: ["http", "sync"], types: ["config"] },
  lingxing: { uses: ["http", "sync"], types: ["config"] },
  store: { uses: ["sync"], types: ["config"] },
  http: { uses: ["sync"], types: ["config"] },
  config: { uses: ["sync"] },
  // The shapes of what the vendors send and take; nothing of them is there at run time.
  sync: { uses: [], types: ["dsco", "lingxing"] },
  // A stand-in that shares code with what it tests would share its mistakes too.
  sandbox: { uses: ["sync"], types: [] },
};

/** Files that know nothing of ipass's parts; every layer may use them. */
const LEAVES = ["errors", "exit-codes", "failpoint", "log", "redact", "personal-data", "http/lossless-json"];

/** What sync may take from outside itself: the names of errors. */
const PURE = {
  layer: "sync",
  uses: ["errors", "exit-codes"],
  forbidden: /\bawait\b|\basync\b|\bPromise\b|\bfetch\(|\bprocess\.|\bDate\.now\(|\bMath\.random\(/,
};

/** Modules without input or output, which sync may use. */
const PURE_BUILTINS = ["node:crypto"];

const NO_SUCH_FILES = /^(utils?|common|types|helpers|misc)\.ts$/;

interface Import {
  readonly file: string;
  readonly specifier: string;
  readonly typeOnly: boolean;
}

const root = fileURLToPath(new URL("..", import.meta.url));
const src = join(root, "src");
const files = readdirSync(src, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .map((file) => ({ file, text: readFileSync(join(src, file), "utf8") }));
const imports = files.flatMap(({ file, text }) => importsOf(file, text));

/** Comments and texts must not count: a docstring may well speak of `import`. */
function importsOf(file: string, text: string): Import[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
  const found: Import[] = [];
  for (const [, keyword, clause = "", specifier = ""] of code.matchAll(/^(import|export)\b([^;"']*?)\bfrom\s*["']([^"']+)["']/gm)) {
    found.push({ file, specifier, typeOnly: /^\s*type\b/.test(clause) && keyword !== undefined });
  }
  for (const [, specifier = ""] of code.matchAll(/^import\s*["']([^"']+)["']/gm)) found.push({ file, specifier, typeOnly: false });
  for (const [whole, before = "", specifier = ""] of code.matchAll(/(.?)\bimport\(\s*["'`]([^"'`]+)["'`]\s*\)/g)) {
    // `typeof import("x")` and `import("x").Type` in a type are rare enough to be written as import type instead.
    found.push({ file, specifier, typeOnly: whole === before });
  }
  return found;
}

/** The layer of a path inside src/: its first folder, or the name of the file itself. */
function layerOf(file: string): string {
  const [first = ""] = file.split("/");
  return first.replace(/\.ts$/, "");
}

function isLeaf(file: string): boolean {
  return LEAVES.includes(file.replace(/\.ts$/, ""));
}

/** The path inside src/ an import leads to; undefined for a library. */
function target({ file, specifier }: Import): string | undefined {
  return specifier.startsWith(".") ? normalize(join(dirname(file), specifier)) : undefined;
}

function forbidden(found: Import): boolean {
  const to = target(found);
  const from = layerOf(found.file);
  if (to === undefined) return false;
  const layer = layerOf(to);
  if (isLeaf(to)) return false;
  if (isLeaf(found.file)) return !(found.typeOnly && layer === "sync");
  if (layer === from) return false;
  const rules = LAYERS[from];
  return !(rules?.uses.includes(layer) || (found.typeOnly && rules?.types?.includes(layer)));
}

const asText = ({ file, specifier }: Import) => `src/${file} imports ${specifier}`;

describe("the arrows", () => {
  it("are followed by every import", () => {
    expect(imports.filter(forbidden).map(asText)).toEqual([]);
  });

  it("have a place for every file", () => {
    expect(files.map(({ file }) => file).filter((file) => !isLeaf(file) && LAYERS[layerOf(file)] === undefined)).toEqual([]);
  });

  it.each([
    { file: "store/order-store.ts", code: 'import { DscoClient } from "../dsco/client.ts";', allowed: false },
    { file: "store/order-store.ts", code: 'import { JOB_NAMES } from "../sync/job-name.ts";', allowed: true },
    { file: "dsco/client.ts", code: 'import {\n  a,\n  b,\n} from "../lingxing/sign.ts";', allowed: false },
    { file: "dsco/client.ts", code: 'export * from "../store/db.ts";', allowed: false },
    { file: "dsco/client.ts", code: 'const x = await import("../store/db.ts");', allowed: false },
    { file: "dsco/client.ts", code: 'import type { Config } from "../config/env.ts";', allowed: true },
    { file: "dsco/client.ts", code: 'import { env } from "../config/env.ts";', allowed: false },
    { file: "dsco/client.ts", code: '// import { x } from "../store/db.ts"\n/** import { x } from "../store/db.ts" */', allowed: true },
    { file: "jobs/run-job.ts", code: 'import "../commands/run.ts";', allowed: false },
    { file: "jobs/pull-dsco-orders.ts", code: 'import { HttpClient } from "../http/client.ts";', allowed: false },
    { file: "jobs/pull-dsco-orders.ts", code: 'import { parseLossless } from "../http/lossless-json.ts";', allowed: true },
    { file: "http/lossless-json.ts", code: 'import { HttpClient } from "./client.ts";', allowed: false },
    { file: "sandbox/dsco.ts", code: 'import { sign } from "../lingxing/sign.ts";', allowed: false },
    { file: "errors.ts", code: 'import { db } from "./store/db.ts";', allowed: false },
  ])("would see $file: $code", ({ file, code, allowed }) => {
    expect(importsOf(file, code).some(forbidden)).toBe(!allowed);
  });
});

describe("sync", () => {
  const own = files.filter(({ file }) => layerOf(file) === PURE.layer);

  it("imports nothing but itself, the errors and what has no input or output", () => {
    const outside = imports.filter((found) => {
      if (layerOf(found.file) !== PURE.layer || found.typeOnly) return false;
      const to = target(found);
      if (to === undefined) return found.specifier.startsWith("node:") && !PURE_BUILTINS.includes(found.specifier);
      return ![PURE.layer, ...PURE.uses].includes(layerOf(to));
    });
    expect(outside.map(asText)).toEqual([]);
  });

  it("waits for nothing and reads neither clock nor chance", () => {
    const impure = own.flatMap(({ file, text }) => {
      const found = PURE.forbidden.exec(text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/\/\/.*$/gm, ""));
      return found ? [`src/${file}: ${found[0]}`] : [];
    });
    expect(own.length).toBeGreaterThan(0);
    expect(impure).toEqual([]);
  });
});

describe("files", () => {
  it("do not reach out of src/", () => {
    expect(imports.filter((found) => target(found)?.startsWith("..")).map(asText)).toEqual([]);
  });

  it("have names that say what is in them", () => {
    expect(files.map(({ file }) => file).filter((file) => NO_SUCH_FILES.test(relative(dirname(file), file)))).toEqual([]);
    expect(files.map(({ file }) => file).filter((file) => !/^[a-z0-9-]+(\/[a-z0-9-]+)*\.ts$/.test(file))).toEqual([]);
  });

  it("have no default export", () => {
    expect(files.filter(({ text }) => /^export default\b|\bas default\b/m.test(text)).map(({ file }) => file)).toEqual([]);
  });

  it("import zod as a namespace: the named import loads every language it speaks", () => {
    const named = files.filter(({ text }) => /^import (?!type\b)(?!\* as )[^;]*from "zod"/m.test(text));
    expect(named.map(({ file }) => file)).toEqual([]);
  });
});

it("bin/ipass starts the bundle and nothing else", () => {
  const lines = readFileSync(join(root, "bin/ipass"), "utf8").trim().split("\n");
  expect(lines).toEqual(["#!/usr/bin/env node", 'import "../dist/cli.js";']);
});

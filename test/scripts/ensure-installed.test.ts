import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bundleIsCurrent, packagesAreCurrent } from "../../scripts/ensure-installed.mjs";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ipass-install-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(file: string, text = "", age = 0): void {
  const path = join(folder, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  const time = Date.now() / 1000 - age;
  utimesSync(path, time, time);
}

describe("packagesAreCurrent", () => {
  const one = { version: "1.0.0", integrity: "sha512-a" };
  const project = { version: "0.1.0" };
  it.each([
    {
      name: "what is locked is installed",
      wanted: { "": project, "node_modules/a": one },
      installed: { "node_modules/a": one },
      current: true,
    },
    { name: "nothing is installed", wanted: { "node_modules/a": one }, installed: undefined, current: false },
    {
      name: "one is missing",
      wanted: { "node_modules/a": one, "node_modules/b": one },
      installed: { "node_modules/a": one },
      current: false,
    },
    {
      name: "one for another platform is missing",
      wanted: { "node_modules/a": one, "node_modules/b": { ...one, optional: true } },
      installed: { "node_modules/a": one },
      current: true,
    },
    {
      name: "one is older",
      wanted: { "node_modules/a": { ...one, version: "1.0.1" } },
      installed: { "node_modules/a": one },
      current: false,
    },
    {
      name: "one is other bytes",
      wanted: { "node_modules/a": { ...one, integrity: "sha512-b" } },
      installed: { "node_modules/a": one },
      current: false,
    },
    { name: "one is no longer wanted", wanted: { "": project }, installed: { "node_modules/a": one }, current: false },
  ])("$name: $current", ({ wanted, installed, current }) => {
    write("package-lock.json", JSON.stringify({ packages: wanted }));
    if (installed) write("node_modules/.package-lock.json", JSON.stringify({ packages: installed }));
    expect(packagesAreCurrent(folder)).toBe(current);
  });
});

describe("bundleIsCurrent", () => {
  beforeEach(() => {
    for (const file of ["package.json", "scripts/build.mjs", "scripts/bundle.mjs", "src/cli.ts", "src/sync/deep.ts"]) write(file, "", 60);
  });
  it("is not while there is none", () => expect(bundleIsCurrent(folder)).toBe(false));
  it("is when newer than every source", () => {
    write("dist/cli.js", "", 30);
    expect(bundleIsCurrent(folder)).toBe(true);
  });
  it.each(["src/sync/deep.ts", "package.json", "scripts/build.mjs", "scripts/bundle.mjs"])("is not when %s is newer", (file) => {
    write("dist/cli.js", "", 30);
    write(file, "", 0);
    expect(bundleIsCurrent(folder)).toBe(false);
  });
});

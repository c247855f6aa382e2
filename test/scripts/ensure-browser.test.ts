import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { ensureBrowser } from "../../scripts/ensure-browser.mjs";

const folder = mkdtempSync(join(tmpdir(), "ipass-browsers-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("takes CHROMIUM_PATH before anything it finds", () => {
  expect(ensureBrowser({ env: { CHROMIUM_PATH: "/opt/mine" }, folders: [] })).toBe("/opt/mine");
});

it("says what can be done where there is none, and installs nothing without apt-get", () => {
  expect(() => ensureBrowser({ env: {}, folders: [folder] })).toThrow(/CHROMIUM_PATH[\s\S]*apt-get install chromium/);
});

it("finds an installed one by any of its names", () => {
  const program = join(folder, "google-chrome");
  writeFileSync(program, "#!/bin/sh\n");
  chmodSync(program, 0o755);
  expect(ensureBrowser({ env: {}, folders: [folder] })).toBe(program);
});

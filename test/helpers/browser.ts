import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type Browser, chromium, type Page } from "playwright-core";
import { expect } from "vitest";
import { ensureBrowser } from "../../scripts/ensure-browser.mjs";

/** A browser without a window; installs one where it may. */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = ensureBrowser({ log: (line) => console.error(line) });
  // Root may have no sandbox; what is opened is our own page.
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] });
}

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** Expects that axe finds nothing on the page that would hinder somebody. */
export async function expectAccessible(page: Page, what: string): Promise<void> {
  await page.evaluate(AXE);
  const violations = await page.evaluate<Violation[]>("axe.run().then((result) => result.violations)");
  const told = violations.map(
    ({ id, impact, nodes }) => `${id} (${impact}): ${nodes.map((node) => `${node.html}: ${node.failureSummary}`).join("; ")}`,
  );
  expect(told, `axe on ${what}`).toEqual([]);
}

import { readFileSync } from "node:fs";
import { defineConfig } from "vitest/config";
import { withoutOutsideSettings } from "./scripts/outside-settings.mjs";
import { FiguresReporter } from "./test/helpers/figures.ts";

for (const name of Object.keys(process.env)) {
  if (!(name in withoutOutsideSettings(process.env))) delete process.env[name];
}

const { version } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8")) as { version: string };

export default defineConfig({
  define: { IPASS_VERSION: JSON.stringify(version) },
  test: {
    include: ["test/**/*.test.ts"],
    reporters: ["default", new FiguresReporter()],
    globalSetup: ["test/global-setup.ts"],
    // A process per file: nock patches the HTTP stack, and signals and working directories are the process's own.
    pool: "forks",
    maxWorkers: 3, // of two cores: the long files wait more than they compute, and more at once would only slow each other down
    retry: 0, // a test that passes at the second try hides the very races ipass is about
    allowOnly: false,
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});

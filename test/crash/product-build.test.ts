import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { FAILPOINTS } from "../../src/failpoint.ts";

const dist = fileURLToPath(new URL("../../dist", import.meta.url));
const files = readdirSync(dist, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".js"));

it("what is shipped has no trace of the failpoints", () => {
  const traces = ["failpoint", ...FAILPOINTS];
  const found = files.flatMap((file) => {
    const text = readFileSync(join(dist, file), "utf8");
    return traces.filter((trace) => text.toLowerCase().includes(trace.toLowerCase())).map((trace) => `${file}: ${trace}`);
  });
  expect(files.length).toBeGreaterThan(20);
  expect(found).toEqual([]);
});

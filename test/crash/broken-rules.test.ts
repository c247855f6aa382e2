import "./no-waiting.ts";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { useCli } from "../helpers/cli.ts";
import { useTestDatabase } from "../helpers/mysql.ts";
import { World } from "../jobs/world.ts";
import { audit } from "./auditor.ts";
import { BROKEN_RULES, type BrokenRule } from "./broken-rules.ts";
import { buildCrashProgram, useCrashBuild } from "./crash-build.ts";
import { CrashWorld } from "./crash-world.ts";

const db = await useTestDatabase();
const world = new World(db, useCli({ IPASS_DB_DSN: db.dsn }));
const whole = await useCrashBuild();

/** What the auditor finds of the kind that the broken rule lets happen. */
async function findings(program: string, { scenario, found }: BrokenRule): Promise<string[]> {
  const crash = new CrashWorld(world, program);
  await crash.open({ skus: 3 });
  await scenario(crash);
  const violations = audit(await crash.facts());
  return violations.filter(({ rule, what }) => rule === found.rule && found.what.test(what)).map(({ about, what }) => `${about}: ${what}`);
}

describe("the auditor, when a rule is broken on purpose:", () => {
  it.each(BROKEN_RULES)("$name", { timeout: 120_000 }, async (broken) => {
    const folder = mkdtempSync(join(tmpdir(), "ipass-broken-"));
    try {
      expect(await findings(await buildCrashProgram(folder, broken.breaks), broken), "with the rule broken").not.toEqual([]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    expect(await findings(whole, broken), "with the rule as it is").toEqual([]);
  });
});

it("a rule that is no longer where it is broken fails", async () => {
  const folder = mkdtempSync(join(tmpdir(), "ipass-broken-"));
  try {
    const gone = { file: "store/lock.ts", text: "this text is nowhere", by: "" };
    await expect(buildCrashProgram(folder, [gone])).rejects.toThrow("occurs 0 times in src/store/lock.ts, not once: this text is nowhere");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

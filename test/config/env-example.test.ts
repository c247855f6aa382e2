import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import dotenv from "dotenv";
import { describe, expect, it } from "vitest";
import { readDotEnv } from "../../src/config/dot-env.ts";
import { type Config, loadConfig, type Section, unknownVariables } from "../../src/config/env.ts";
import { SECTIONS } from "../../src/config/sections.ts";
import { VARIABLE_NAMES } from "../../src/config/variables.ts";

const EXAMPLE = new URL("../../.env.example", import.meta.url);
const text = readFileSync(EXAMPLE, "utf8");
const commented = dotenv.parse(
  text
    .split("\n")
    .filter((line) => /^# IPASS_\w+=/.test(line))
    .map((line) => line.slice(2))
    .join("\n"),
);
const active = dotenv.parse(text);
const sections = Object.keys(SECTIONS) as Section[];

/** A commented line whose comment marks it as an example, not as the default. */
const isExample = (name: string) => {
  const before = text
    .slice(0, text.indexOf(`\n# ${name}=`))
    .split("\n")
    .slice(-2)
    .join("\n");
  return before.includes("(example)") && before.includes("（示例）");
};

describe(".env.example", () => {
  it("has every variable of the schema once, and no other", () => {
    const names = [...text.matchAll(/^(?:# )?(IPASS_\w+)=/gm)].map(([, name]) => String(name));
    expect([...names].sort()).toEqual([...VARIABLE_NAMES].sort());
    expect(unknownVariables({ ...active, ...commented })).toEqual([]);
  });

  it("works as it is, once copied to .env", () => {
    const dir = mkdtempSync(join(tmpdir(), "ipass-example-"));
    try {
      copyFileSync(EXAMPLE, join(dir, ".env"));
      const env: NodeJS.ProcessEnv = {};
      readDotEnv(dir, env);
      expect(env).toEqual(active);
      expect(() => loadConfig(env, sections)).not.toThrow();
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  it("leaves uncommented only what is required", () => {
    for (const name of Object.keys(active)) {
      expect(() => loadConfig({ ...active, [name]: "" }, sections), name).toThrow(name);
    }
  });

  it.each(Object.keys(commented))("shows the default of %s, or an example that is one", (name) => {
    const defaults: Config = loadConfig(active, sections);
    const set: Config = loadConfig({ ...active, [name]: commented[name] }, sections);
    if (!isExample(name)) expect(set).toEqual(defaults);
    else if (name !== "IPASS_DSCO_CLIENT_ID" && name !== "IPASS_DSCO_CLIENT_SECRET") expect(set).not.toEqual(defaults);
  });

  it("explains each setting in Chinese and in English", () => {
    for (const block of text.split(/\n\s*\n/)) {
      if (!/^(# )?IPASS_/m.test(block)) continue;
      const comment = block.split("\n").filter((line) => /^# (?!IPASS_)/.test(line));
      expect(comment.join("\n"), block).toMatch(/\p{Script=Han}/u);
      expect(comment.join("\n"), block).toMatch(/[A-Za-z]{2,} [A-Za-z]{2,}/);
    }
  });
});

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { readDotEnv } from "../../src/config/dot-env.ts";
import { parseDsn } from "../../src/config/dsn.ts";
import { loadConfig, type Section } from "../../src/config/env.ts";
import { BadSettingError } from "../../src/config/reading.ts";
import { secretsOf } from "../../src/config/secrets.ts";
import { SECTIONS } from "../../src/config/sections.ts";
import { VARIABLE_NAMES } from "../../src/config/variables.ts";
import { ConfigError } from "../../src/errors.ts";
import { cases, FUZZ_TIMEOUT } from "./fuzz-runs.ts";

const dir = mkdtempSync(join(tmpdir(), "ipass-env-"));
afterAll(() => rmSync(dir, { recursive: true }));

function readEnv(text: string): NodeJS.ProcessEnv {
  const env = {};
  writeFileSync(join(dir, ".env"), text);
  readDotEnv(dir, env);
  return env;
}

const anyText = fc.oneof(fc.string({ unit: "grapheme", maxLength: 40 }), fc.string({ unit: "binary", maxLength: 40 }));
/** Bits of what belongs into a setting, in any order. */
const nearly = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "mysql://",
        "user",
        ":",
        "pass",
        "@",
        "tcp(",
        "unix(",
        ")",
        "/",
        "db",
        "?",
        "tls=",
        "ssl=",
        "true",
        "&",
        "[::1]",
        "127.0.0.1",
        "3306",
        "99999",
        "%",
        "%40",
      ),
      fc.constantFrom(
        "https://",
        "http://",
        "localhost",
        "{",
        "}",
        '"33"',
        ":",
        '"WH-CA"',
        ",",
        "1",
        "0",
        "-",
        "yes",
        "no",
        "consumerPrice",
        "dscoOrderId",
        "@x.json",
        " ",
        "#",
      ),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(""));

describe("a DSN", FUZZ_TIMEOUT, () => {
  it("is read, or refused with what is wrong, and never with what was given", () => {
    fc.assert(
      fc.property(fc.oneof(nearly, anyText), (dsn) => {
        try {
          const { host, port, user, database } = parseDsn(dsn);
          expect(user !== "" && database !== "" && host !== "" && port >= 1 && port <= 65_535).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(BadSettingError);
          expect((error as Error).message).toMatch(/^mysql:\/\/user:password@host:3306\/database or .*: ./);
        }
      }),
      cases(3_000),
    );
  });
});

describe("an .env file", FUZZ_TIMEOUT, () => {
  it("of any text adds texts to the environment, and breaks nothing", () => {
    const line = fc.tuple(
      fc.constantFrom("A=", "export B=", "IPASS_DB_DSN=", "__proto__=", "constructor=", "C =", "#", ""),
      fc.oneof(anyText, nearly),
      fc.constantFrom("\n", "\r\n", "\r", "\u2028", ""),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
        const env = readEnv(lines.flat().join(""));
        expect(Object.values(env).every((value) => typeof value === "string")).toBe(true);
        expect(Object.getPrototypeOf(env)).toBe(Object.prototype);
      }),
      cases(500),
    );
  });

  it("gives back what stands in its quotes, whatever it is", () => {
    // But for a backslash at the end: dotenv takes it to escape the quote.
    const value = fc
      .string({ unit: fc.constantFrom(...'abc XYZ019#=:;@/%&?!$(){}[]<>|~^*+-_.,订é"`\\\n'), maxLength: 30 })
      .filter((each) => !each.endsWith("\\"));
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[A-Z][A-Z0-9_]{0,10}$/), value, { maxKeys: 6, noNullPrototype: true }), (settings) => {
        const text = Object.entries(settings).map(([name, each]) => `${name}='${each}'\n`);
        expect(readEnv(text.join("# a comment\n\n"))).toEqual(settings);
      }),
      cases(500),
    );
  });

  it("gives back a secret as it is typed, without quotes", () => {
    const secret = fc.stringMatching(/^[A-Za-z0-9][!#-&(-_a-~]{5,40}$/);
    fc.assert(
      fc.property(secret, (value) => {
        expect(readEnv(`A=1\nSECRET=${value} # as they sent it\nB=2\n`)).toEqual({ A: "1", SECRET: value, B: "2" });
      }),
      cases(500),
    );
  });
});

/** Put into every secret. */
const CANARY = "Zq7-canary";

describe("settings of any text", FUZZ_TIMEOUT, () => {
  const sections = Object.keys(SECTIONS) as Section[];
  const given = fc.uniqueArray(fc.tuple(fc.constantFrom(...VARIABLE_NAMES), fc.oneof(nearly, nearly, anyText)), {
    selector: ([name]) => name,
    maxLength: 20,
  });

  it("are read, or every one that is wrong is named, and no secret shown", () => {
    fc.assert(
      fc.property(given, fc.subarray(sections, { minLength: 1 }), (pairs, wanted) => {
        const isSecret = (name: string) => /(_TOKEN|_SECRET|_DSN)$/.test(name);
        const env = Object.fromEntries(pairs.map(([name, value]) => [name, isSecret(name) ? value + CANARY : value]));
        try {
          secretsOf(loadConfig(env, wanted));
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError);
          if (!(error instanceof ConfigError)) return;
          expect(error.problems.length).toBeGreaterThan(0);
          for (const { name, expected } of error.problems) {
            expect(VARIABLE_NAMES).toContain(name);
            expect(expected).not.toBe("");
          }
          expect(error.message).not.toContain(CANARY);
        }
      }),
      cases(600),
    );
  });
});

import { describe, expect, it } from "vitest";
import { EXIT, type ExitName, exit, worstExit } from "../src/exit-codes.ts";

/** The contract with crontabs and scripts, written out a second time on purpose: a number changed by mistake must not pass. */
const NUMBERS: Record<ExitName, number> = {
  ok: 0,
  internal: 1,
  usage: 2,
  partial: 3,
  refused: 4,
  configuration: 10,
  locked: 11,
  credentials: 12,
  database: 13,
  vendor: 14,
  deadline: 15,
  findings: 20,
  sigint: 130,
  sigterm: 143,
};

describe("exit codes", () => {
  it("have exactly these numbers", () => {
    expect(Object.fromEntries(Object.entries(EXIT).map(([name, { code }]) => [name, code]))).toEqual(NUMBERS);
  });

  it("are never used twice", () => {
    const codes = Object.values(EXIT).map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
  });

  it("each say what they mean", () => {
    for (const { meaning } of Object.values(EXIT)) expect(meaning).toMatch(/\w{2,}/);
  });

  it("are looked up by name", () => {
    expect(exit("vendor")).toEqual({ code: 14, name: "vendor" });
  });
});

describe("worstExit", () => {
  const ORDER: readonly ExitName[] = [
    "sigterm",
    "internal",
    "database",
    "credentials",
    "configuration",
    "refused",
    "vendor",
    "deadline",
    "partial",
    "ok",
  ];

  it("follows signal, 1, 13, 12, 10, 4, 14, 15, 3 whatever the order of arrival", () => {
    ORDER.forEach((name, index) => {
      const applying = ORDER.slice(index);
      expect(worstExit(applying).name).toBe(name);
      expect(worstExit([...applying].reverse()).name).toBe(name);
    });
  });

  it("puts an interrupt before everything as well", () => {
    expect(worstExit(["internal", "partial", "sigint"])).toEqual({ code: 130, name: "sigint" });
  });

  it("is 0 when nothing applies", () => {
    expect(worstExit([])).toEqual({ code: 0, name: "ok" });
  });

  it.each(Object.keys(NUMBERS) as ExitName[])("knows the place of %s", (name) => {
    expect(worstExit(["ok", name]).name).toBe(name);
  });
});

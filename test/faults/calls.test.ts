import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { FAULT_KINDS } from "../../src/sandbox/faults.ts";
import { STAGES } from "../../src/sync/stage.ts";
import { CALLS, NOT_IN_A_PASS } from "./calls.ts";
import { FAULTS } from "./faults.ts";
import { EXCEPTIONS, RULE } from "./rule.ts";

const src = fileURLToPath(new URL("../../src/", import.meta.url));
const texts = ["dsco", "lingxing"].flatMap((vendor) =>
  readdirSync(join(src, vendor)).map((file) => readFileSync(join(src, vendor, file), "utf8")),
);
/** An endpoint is data: it is declared as one, and has a name to be known by in logs. */
const names = texts.flatMap((text) => [...text.matchAll(/\bname: "((?:dsco|lingxing)\.\w+)"/g)].map(([, name = ""]) => name));
const declared = texts.flatMap((text) => [...text.matchAll(/: Endpoint = \{/g)]);

describe("the matrix", () => {
  it("has a row for every endpoint there is in the code, or says why it has none", () => {
    const rows = [...CALLS.map(({ endpoint }) => endpoint.name), ...Object.keys(NOT_IN_A_PASS)];
    expect(names.length).toBeGreaterThan(15);
    expect(declared, "a name is not to be found").toHaveLength(names.length);
    expect([...new Set(rows)].sort()).toEqual([...names].sort());
  });

  it("knows what a call may have of it: only what changes something at a vendor is a write", () => {
    for (const { endpoint, kind, name } of CALLS) expect({ name, write: endpoint.write }).toEqual({ name, write: kind === "write" });
  });

  it("has every job, and every fault of the sandbox", () => {
    expect(new Set(CALLS.map(({ name }) => name.split(":")[0]))).toEqual(new Set(["pull", ...STAGES, "stock"]));
    expect(FAULTS.map(({ kind }) => kind).sort()).toEqual(["refused", ...FAULT_KINDS].sort());
  });

  it("has no exception that says what the rule says, or is about nothing", () => {
    for (const { call, class: about, ending } of EXCEPTIONS) {
      const row = CALLS.find(({ name }) => name === call);
      expect(row, call).toBeDefined();
      for (const [how, said] of Object.entries(ending)) {
        expect(said).not.toBe(RULE[row?.kind ?? "read"][about][how as keyof typeof ending]);
      }
    }
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { changedFields, fingerprintOf } from "../../src/sync/fingerprint.ts";

describe("fingerprintOf", () => {
  it("is one short hash per field, in order of name", () => {
    expect(fingerprintOf({ lines: "[]", city: "Reno" })).toMatch(/^city=[0-9a-f]{10};lines=[0-9a-f]{10}$/);
    expect(fingerprintOf({ lines: "[]", city: "Reno" })).toBe(fingerprintOf({ city: "Reno", lines: "[]" }));
  });

  it("holds none of what it stands for, and is the same tomorrow", () => {
    expect(fingerprintOf({ name: "Ann Lee" })).toBe("name=a36e143c53");
  });

  it("tells an empty field from one with a space", () => {
    expect(fingerprintOf({ city: "" })).not.toBe(fingerprintOf({ city: " " }));
  });
});

describe("changedFields", () => {
  it.each([
    { name: "nothing", before: "a=1;b=2", after: "a=1;b=2", fields: [] },
    { name: "order of fields does not matter", before: "b=2;a=1", after: "a=1;b=2", fields: [] },
    { name: "one", before: "a=1;b=2", after: "a=1;b=3", fields: ["b"] },
    { name: "all, sorted", before: "b=2;a=1", after: "b=3;a=4", fields: ["a", "b"] },
    { name: "a field that is new", before: "a=1", after: "a=1;b=2", fields: ["b"] },
    { name: "a field that is gone", before: "a=1;b=2", after: "a=1", fields: ["b"] },
    { name: "from nothing", before: "", after: "a=1", fields: ["a"] },
    { name: "nothing to nothing", before: "", after: "", fields: [] },
    { name: "a value with an equals sign", before: "a=1=2", after: "a=1=3", fields: ["a"] },
  ])("$name", ({ before, after, fields }) => {
    expect(changedFields(before, after)).toEqual(fields);
  });

  it("names exactly the fields whose text differs", () => {
    const fields = fc.record({ name: fc.string(), city: fc.string(), lines: fc.string() });
    fc.assert(
      fc.property(fields, fields, (before, after) => {
        const differing = (["city", "lines", "name"] as const).filter((field) => before[field] !== after[field]);
        expect(changedFields(fingerprintOf(before), fingerprintOf(after))).toEqual(differing);
      }),
    );
  });
});

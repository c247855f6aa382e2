import { describe, expect, it } from "vitest";
import { decideOperator } from "../../src/sync/operator.ts";

describe("decideOperator", () => {
  it.each([
    { action: "requeue", status: 0, expected: { do: "nothing" } },
    { action: "requeue", status: 1, expected: { do: "refuse", why: "already done" } },
    { action: "requeue", status: 2, expected: { do: "set", status: 0 } },
    { action: "requeue", status: 3, expected: { do: "set", status: 0 } },
    { action: "requeue", status: 4, expected: { do: "refuse", why: "closed as not needed" } },
    { action: "requeue", status: 9, expected: { do: "refuse", why: expect.stringContaining("in flight") } },
    { action: "done", status: 0, expected: { do: "set", status: 4 } },
    { action: "done", status: 1, expected: { do: "refuse", why: "already done" } },
    { action: "done", status: 2, expected: { do: "set", status: 4 } },
    { action: "done", status: 3, expected: { do: "set", status: 4 } },
    { action: "done", status: 4, expected: { do: "nothing" } },
    { action: "done", status: 9, expected: { do: "refuse", why: expect.stringContaining("in flight") } },
  ] as const)("$action at $status", ({ action, status, expected }) => {
    expect(decideOperator(action, status)).toEqual(expected);
  });
});

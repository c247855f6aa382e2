import { describe, expect, it } from "vitest";
import { paintFor } from "../../src/commands/paint.ts";

describe("colour", () => {
  it.each([
    { name: "on a terminal", isTTY: true, env: { TERM: "xterm" }, coloured: true },
    { name: "not through a pipe", isTTY: false, env: { TERM: "xterm" }, coloured: false },
    { name: "not with NO_COLOR", isTTY: true, env: { TERM: "xterm", NO_COLOR: "1" }, coloured: false },
    { name: "with a NO_COLOR that is empty, which asks for nothing", isTTY: true, env: { NO_COLOR: "" }, coloured: true },
    { name: "not on a terminal that has none", isTTY: true, env: { TERM: "dumb" }, coloured: false },
  ])("$name", ({ isTTY, env, coloured }) => {
    expect(paintFor({ isTTY }, env).alarm("x")).toBe(coloured ? "\u001b[31mx\u001b[39m" : "x");
  });
});

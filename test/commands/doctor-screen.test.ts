import stringWidth from "string-width";
import { describe, expect, it } from "vitest";
import { doctorScreen } from "../../src/commands/doctor-screen.ts";
import { PLAIN, paintFor } from "../../src/commands/paint.ts";
import { type Finding, fail, notChecked, pass, warn } from "../../src/doctor/finding.ts";
import { doctorReport } from "../../src/doctor/report.ts";

const report = (...findings: Finding[]) => doctorReport(findings, (text) => text.replaceAll("s3cret-word", "***"));
const screen = (...findings: Finding[]) => doctorScreen(report(...findings), PLAIN);
const FIRST = "first put right what is said of database.connection";

describe("the screen", () => {
  it("tells first what fails, then what is odd, then what is well, and the figures last", () => {
    const text = screen(
      pass("a.well", "fine"),
      warn("b.odd", "somewhat", "look"),
      fail("c.bad", "broken", "as an administrator", "GRANT UPDATE ON `db`.* TO 'u'@'%';"),
      pass("config.IPASS_LOG_DIR", "logs"),
      pass("config.IPASS_HTTP_ADDR", "not set"),
    );
    expect(text).toBe(`FAIL      c.bad
          broken
To do     as an administrator:
          GRANT UPDATE ON \`db\`.* TO 'u'@'%';

warn      b.odd
          somewhat
To do     look

pass      config: 2 settings are usable, 1 of them set (--json shows each)
          a.well: fine

1 fail, 1 warn, 3 pass
`);
  });

  it("tells once what has one cause and one remedy", () => {
    const text = screen(
      notChecked("database.version", "there is no database to ask", FIRST),
      notChecked("database.lock", "there is no database to ask", FIRST),
      warn("other", "something else", "look"),
    );
    expect(text.split("\n").slice(0, 3)).toEqual([
      "warn      database.version, database.lock",
      "          not checked: there is no database to ask",
      "To do     first put right what is said of database.connection",
    ]);
  });

  it("fits 80 columns, Chinese text and long commands included, and keeps commands whole when pasted", () => {
    const command = `ipass watermark set pull_dsco_orders '${JSON.stringify({ mode: "updatedSince", since: "2026-11-22T12:00:00Z" })}'`;
    const text = screen(
      fail("maps.lingxing_warehouses", `Lingxing has no warehouse ${"美国西部仓库".repeat(20)}`, "correct the map: ".repeat(20), command),
      fail("database.schema", "x".repeat(200), "y", `ALTER TABLE sync_order_state ${"ADD KEY k (a), ".repeat(12)}`),
      pass("long", "word ".repeat(60)),
    );
    expect(Math.max(...text.split("\n").map((line) => stringWidth(line)))).toBeLessThanOrEqual(80);
    expect(text).toContain("ipass watermark set pull_dsco_orders \\\n");
    expect(text).not.toMatch(/ALTER[^\n]*\\\n/); // SQL takes no backslash
  });

  it("lets nothing of a vendor's words move the cursor, and colours only on a terminal", () => {
    const odd = fail("a", "said \u001b[2J\u202ethis", "look");
    for (const control of ["\u001b", "\u202e"]) expect(screen(odd)).not.toContain(control);
    expect(doctorScreen(report(odd), paintFor({ isTTY: true }, {}))).toContain("\u001b[31m");
  });
});

it("the document has the contract's keys and no secret", () => {
  const { document } = report(fail("a", "got s3cret-word", "take s3cret-word away", "chmod o= .env"), pass("b", "fine"));
  expect(document).toEqual({
    checks: [
      { id: "a", status: "fail", found: "got ***", next_step: "take *** away: chmod o= .env" },
      { id: "b", status: "pass", found: "fine", next_step: null },
    ],
    pass: 1,
    warn: 0,
    fail: 1,
  });
});

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { recordedInChinese } from "../../../src/admin/page/recorded-chinese.ts";
import { decideAck } from "../../../src/sync/ack.ts";
import { decideCancel } from "../../../src/sync/cancel.ts";
import { aDscoOrder, aLingxingOrder } from "../../helpers/builders.ts";

const src = fileURLToPath(new URL("../../../src", import.meta.url));
/** Where it is decided what is recorded of an order. */
const SOURCES = ["sync", "jobs"].flatMap((folder) => readdirSync(join(src, folder)).map((file) => join(folder, file)));

/**
 * The texts a source file gives as reasons, causes and next steps, what differs from case to case as `X`. Read from the source, so
 * that a new reason cannot be forgotten in the page's Chinese.
 */
function recordedTexts(code: string): string[] {
  const texts: string[] = [];
  for (const found of code.matchAll(/\b(?:cause|reason|nextStep|unclear|soFar|merged)(?::| =) (["'`])/g)) {
    texts.push(literalAt(code, found.index + found[0].length, found[1] ?? ""));
  }
  for (const found of code.matchAll(/\b(?:notNeeded|noDate)\((["'`])/g)) {
    texts.push(literalAt(code, found.index + found[0].length, found[1] ?? ""));
  }
  return texts;
}

/** A string or template from its first letter on, each `${…}` in it as X. */
function literalAt(code: string, start: number, quote: string): string {
  let text = "";
  for (let at = start; at < code.length && code[at] !== quote; at++) {
    if (code.startsWith("${", at)) {
      let depth = 1;
      for (at += 2; depth > 0; at++) depth += code[at] === "{" ? 1 : code[at] === "}" ? -1 : 0;
      at--;
      text += "X";
    } else text += code[at];
  }
  return text;
}

/** Not of an order: why a snapshot is skipped, who closed a task by what flag. */
const ELSEWHERE = /^(unchanged|older|not_open|test_order|--allow-mass-zero|empty_read|short_read|mass_zero)$/;
/** Parts that never stand alone, and one that is told with and without its part. */
const PARTS =
  /^(DSCO has its goods as shippedX; |X; what |merged in Lingxing with X, and it does not tell which goods are whose$|X, then close each open stage)/;

describe("what ipass records", () => {
  const recorded = SOURCES.flatMap((file) => recordedTexts(readFileSync(join(src, file), "utf8")).map((text) => ({ file, text }))).filter(
    ({ text }) => !ELSEWHERE.test(text) && !PARTS.test(text) && text !== "X",
  );

  it("is found in the sources", () => {
    expect(recorded.length).toBeGreaterThan(50);
    expect(recorded.map(({ text }) => text)).toContain("no tracking number yet for X");
  });

  it.each(recorded)("is known in Chinese: $text", ({ text }) => {
    expect(recordedInChinese(text) ?? "").toMatch(/\p{Script=Han}/u);
  });
});

describe("in Chinese", () => {
  const NOW = new Date("2026-01-05T10:00:00Z");

  it("says where an order stands in Lingxing, as the decision says it", () => {
    const found = [aLingxingOrder({ status: 4 }), aLingxingOrder({ globalOrderNo: "103", status: 77 })];
    const decision = decideAck(found, aDscoOrder(), { pushedAt: NOW, now: NOW });
    if (decision.do !== "wait") throw new Error("expected to wait");
    expect(recordedInChinese(decision.reason)).toBe("领星 103336708973801472 待审核（4），领星 103 状态未知（77）");
  });

  it("says what to do when an order is cancelled after the push, its command whole", () => {
    const done = { status: 1, hold: undefined } as const;
    const open = { status: 0, hold: undefined } as const;
    const effect = decideCancel({
      dscoStatus: "cancelled",
      cancelRequested: false,
      applied: false,
      stages: { push: done, ack: open, ship: open, invoice: open },
    });
    expect(recordedInChinese(effect?.task?.nextStep ?? "")).toBe(
      '在领星也取消，再关闭每个未完成的阶段：ipass order-state done <dscoOrderId> --stage ack --reason "…"',
    );
    expect(recordedInChinese(effect?.task?.cause ?? "")).toBe("推单之后在 DSCO 取消");
  });

  it.each([
    ["no tracking number yet for WO-1, WO-2, and 3 more", "还没有运单号：WO-1, WO-2，另有 3 项"],
    ["missing or unreadable: lineItems (every line is cancelled or rejected)", "缺失或无法读取：lineItems（所有行都已取消或被拒绝）"],
    [
      "30 of 40 SKUs in stock at DSCO would turn 0 (75 %, at most 50 % are allowed); 2 of them are not in Lingxing any more",
      "DSCO 上有货的 40 个 SKU 中，有 30 个会变成 0（75%，最多允许 50%）；其中 2 个已不在领星里",
    ],
    [
      "cannot requeue ship: 12 is at 9, in flight: the next pass asks the vendor what became of it; 13 is at 1, already done",
      "不能重新处理 ship：12 在途，下一轮会向对方查询结果；13 已完成",
    ],
    ["sent alone, and never arrived: no answer within 60 s", "单独发送后仍未送达：no answer within 60 s"],
    ["DSCO has its goods as shipped under A; Lingxing shipped them under B", "DSCO 上已按 A 发货；领星的运单号是 B"],
    ["DSCO has its goods as shipped; Lingxing shipped them under B", "DSCO 上已显示发货；领星的运单号是 B"],
  ])("%s", (english, chinese) => {
    expect(recordedInChinese(english)).toBe(chinese);
  });

  it.each(["地址无效", "Invalid SKU", "", "Lingxing is down", "settled by phone; will call"])("leaves %j to be quoted", (text) => {
    expect(recordedInChinese(text)).toBeUndefined();
  });
});

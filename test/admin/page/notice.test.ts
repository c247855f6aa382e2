import { describe, expect, it } from "vitest";
import { type Notice, readNotice, writeNotice } from "../../../src/admin/page/notice.ts";

const EXIT = { code: 0, name: "ok" };

describe("a notice in its cookie", () => {
  it.each<Notice>([
    { of: "requeued", count: 2 },
    { of: "resolved", count: 0 },
    { of: "ran", job: "ack_to_dsco", exit: EXIT, done: 3, trace: "t" },
    { of: "ran", job: "sync_stock", exit: { code: null, name: "died" }, done: 0, trace: "t", said: "被拒绝", nextStep: "再试" },
    { of: "runWaits", job: "pull_dsco_orders", trace: "t" },
    { of: "off", job: "pull_dsco_orders" },
    { of: "refused", said: '"<script>"; €', nextStep: "x" },
    { of: "noSelection" },
    { of: "noReason" },
  ])("comes back as it was: $of", (notice) => {
    const cookie = writeNotice(notice);
    expect(cookie).toMatch(/^[\w-]+$/);
    expect(readNotice(cookie)).toEqual(notice);
  });

  it("never grows beyond what a browser keeps, and stays readable", () => {
    const cookie = writeNotice({ of: "refused", said: "错".repeat(5_000), nextStep: "误".repeat(5_000) });
    expect(cookie.length).toBeLessThan(3_900);
    expect(readNotice(cookie)).toMatchObject({ of: "refused", said: expect.stringMatching(/^错+…$/) });
  });

  it.each([undefined, "", "x", Buffer.from("[]").toString("base64url"), Buffer.from('{"of":"paid","count":1}').toString("base64url")])(
    "is none where %j is no notice",
    (cookie) => expect(readNotice(cookie)).toBeUndefined(),
  );
});

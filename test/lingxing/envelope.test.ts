import { describe, expect, it } from "vitest";
import type { Endpoint } from "../../src/http/endpoint.ts";
import { inspectEnvelope } from "../../src/lingxing/envelope.ts";

const WRITE: Endpoint = { name: "lingxing.order_create", method: "POST", path: "/x", write: true, timeoutMs: 1, limit: {} };
const inspect = (body: unknown, status = 200) =>
  inspectEnvelope({ status, headers: new Headers(), text: typeof body === "string" ? body : JSON.stringify(body) }, WRITE);

describe("inspectEnvelope", () => {
  it.each<[unknown, string, string | undefined]>([
    [0, "ok", undefined],
    ["0", "ok", undefined],
    [2001001, "credentials", "IPASS_LINGXING_APP_ID"],
    ["2001002", "credentials", "IPASS_LINGXING_APP_SECRET"],
    ["0001001", "credentials", "IPASS_LINGXING_APP_SECRET"],
    ["2001003", "expired", undefined],
    [2001003, "expired", undefined],
    ["2001005", "expired", undefined],
    ["2001008", "expired", undefined],
    ["2001009", "expired", undefined],
    ["2001004", "credentials", "granted"],
    ["403", "credentials", "granted"],
    ["401", "credentials", "disabled"],
    ["2001006", "unsigned", "signature"],
    ["2001007", "unsigned", "clock"],
    ["2001099", "credentials", undefined],
    ["3001001", "misrouted", "proxy"],
    ["3001002", "credentials", "whitelist"],
    ["3001008", "throttled", undefined],
    ["3001099", "misrouted", undefined],
    [103, "throttled", undefined],
    ["103", "throttled", undefined],
    [102, "refused", undefined],
    ["102", "refused", undefined],
    [199, "refused", undefined],
    [400, "refused", undefined],
    [10000, "refused", undefined],
    [500, "broken", undefined],
    ["500", "broken", undefined],
    [777, "broken", undefined], // unheard of: a write is looked up rather than called refused
    [-1, "broken", undefined],
    [200, "broken", undefined],
  ])("code %o is %s", (code, kind, step) => {
    const verdict = inspect({ code, message: "said so", request_id: "r-1.1763800000000", data: null });
    expect(verdict).toMatchObject({ kind, requestId: "r-1.1763800000000" });
    if (verdict.kind === "ok") return;
    expect(verdict.reason).toContain(`(code ${code})`);
    expect(verdict.reason).toContain("said so");
    if (step !== undefined) expect(verdict.nextStep).toContain(step);
  });

  it.each<[unknown, string]>([
    [{ code: 400, msg: "服务不存在" }, "misrouted"],
    [{ code: "500", msg: "404 NOT_FOUND", data: { throwable: null } }, "misrouted"],
  ])("%o went to a wrong path", (body, kind) => {
    expect(inspect(body)).toMatchObject({ kind, nextStep: expect.stringContaining("IPASS_LINGXING_BASE_URL") });
  });

  it.each<[string, number, string, string]>([
    ["an HTML 405", 405, "<html>Not Allowed</html>", "misrouted"],
    ["an HTML 404", 404, "<html>?</html>", "misrouted"],
    ["an HTML 429", 429, "<html>slow</html>", "throttled"],
    ["an HTML 502", 502, "<html>bad</html>", "broken"],
    ["an empty 503", 503, "", "broken"],
    ["an empty 408", 408, "", "broken"],
    ["an HTML 403", 403, "<html>no</html>", "credentials"],
    ["JSON without a code", 200, '{"data":[]}', "broken"],
    ["JSON without a code, 500", 500, '{"error":"x"}', "broken"],
    ["a good code on a bad status", 502, '{"code":0}', "broken"],
    ["a known code on a bad status", 500, '{"code":"3001008"}', "throttled"],
    ["an unknown code on a 400", 400, '{"code":777}', "refused"],
    ["an unknown code on a 500", 500, '{"code":777}', "broken"],
  ])("%s", (_name, status, text, kind) => {
    expect(inspect(text, status)).toMatchObject({ kind });
  });

  it.each([
    ["HTML", "<html>"],
    ["half an answer", '{"code":0,"da'],
    ["nothing", ""],
    ["a list", "[]"],
  ])("leaves %s with a 200 to whoever parses it", (_name, text) => expect(inspect(text)).toEqual({ kind: "ok" }));

  it.each<[string, unknown, string]>([
    ["a list of texts", { message: "bad", error_details: ["length: 最大值200", "sku: x"] }, "bad; length: 最大值200; sku: x (code 102)"],
    [
      "objects",
      { msg: "bad", error_details: [{ message: "one", name: "Ann Lee" }, { error_message: "two" }, { other: 1 }] },
      "bad; one; two (code 102)",
    ],
    ["one text", { message: "bad", error_details: "one" }, "bad; one (code 102)"],
    ["camelCase", { message: "bad", errorDetails: ["one"], requestId: "r" }, "bad; one (code 102)"],
    ["nothing at all", {}, "no reason given (code 102)"],
    ["null", { message: null, msg: "bad", error_details: null }, "bad (code 102)"],
  ])("reads a reason from %s", (_name, body, reason) => {
    expect(inspect({ code: 102, ...(body as object) })).toMatchObject({ kind: "refused", code: "102", reason });
  });

  it("waits longer for the business layer's throttle than for the gateway's", () => {
    expect(inspect({ code: "3001008" })).toMatchObject({ floorMs: 2_000 });
    expect(inspect({ code: 103 })).toMatchObject({ floorMs: 4_000 });
  });
});

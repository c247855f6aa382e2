import { describe, expect, it } from "vitest";
import { inspectDsco } from "../../src/dsco/vendor.ts";
import type { Endpoint } from "../../src/http/endpoint.ts";

const READ: Endpoint = { name: "dsco.read", method: "GET", path: "/", write: false, timeoutMs: 1, limit: {} };
const inspect = (status: number, body: unknown, write = true) =>
  inspectDsco({ status, headers: new Headers(), text: typeof body === "string" ? body : JSON.stringify(body) }, { ...READ, write });

describe("inspectDsco", () => {
  it.each<[string, number, unknown, object]>([
    ["nothing", 400, "", { kind: "refused", reason: "HTTP 400" }],
    ["plain text", 400, "no way", { kind: "refused", reason: "HTTP 400" }],
    ["an error", 400, { error: "invalid_request", error_description: "no grant" }, { reason: "HTTP 400: invalid_request; no grant" }],
    [
      "messages",
      400,
      {
        requestId: "r-1",
        messages: [
          { code: "a", description: "one" },
          { code: "b", description: ["two", "three"] },
          { code: "c", description: { x: 1 } },
        ],
      },
      { reason: "HTTP 400: a one; b two three; c x 1", requestId: "r-1" },
    ],
    ["odd messages", 422, { requestId: 7, messages: ["one", null, 3] }, { reason: "HTTP 422: one; 3", requestId: undefined }],
    ["a throttle", 429, "", { kind: "throttled", floorMs: 1_000 }],
    ["a fault", 500, { requestId: "r<script>1" }, { kind: "broken", requestId: "rscript1" }],
    [
      "a failure on a 202",
      202,
      { status: "failure", requestId: "r-1", messages: [{ code: "bad" }] },
      { kind: "refused", reason: "bad", requestId: "r-1" },
    ],
    ["no success on a 201", 201, { success: false }, { kind: "refused", reason: "refused without a reason" }],
    ["pending", 202, { status: "pending", requestId: "r-1" }, { kind: "ok", requestId: "r-1" }],
    ["success", 201, { status: "success", success: true }, { kind: "ok" }],
  ])("reads %s", (_name, status, body, expected) => {
    expect(inspect(status, body)).toMatchObject(expected);
  });

  it("leaves a read's 200 to whoever parses it: an order may have a status of its own", () => {
    expect(inspect(200, { status: "failure" }, false)).toEqual({ kind: "ok" });
  });
});

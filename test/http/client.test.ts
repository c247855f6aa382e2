import nock from "nock";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { dscoVendor } from "../../src/dsco/vendor.ts";
import { InDoubtError, NotDeliveredError, OutageError, RefusedError } from "../../src/errors.ts";
import { HttpClient } from "../../src/http/client.ts";
import type { HttpDeps } from "../../src/http/deps.ts";
import type { Endpoint } from "../../src/http/endpoint.ts";
import { StaticToken, type TokenSource } from "../../src/http/shared-token.ts";
import { everythingIn, testDeps, useHttpMocks } from "../helpers/http.ts";

useHttpMocks();

const BASE = "https://vendor.example/api";
const TOKEN = "tok-canary/8+8=";
const READ: Endpoint = { name: "vendor.read", method: "GET", path: "/thing", write: false, timeoutMs: 2_000, limit: {} };
const WRITE: Endpoint = { ...READ, name: "vendor.write", method: "POST", write: true };
const Thing = z.looseObject({ ok: z.boolean() });
const BODY = { name: "body-canary" };

function client(deps: Partial<HttpDeps> = {}, token: TokenSource = new StaticToken(TOKEN), baseUrl = BASE) {
  const all = testDeps(deps);
  return { http: new HttpClient(dscoVendor(baseUrl, token), all), deps: all };
}
const read = (http: HttpClient, options = {}) => http.call(READ, { query: { a: "1" } }, Thing, options);
const write = (http: HttpClient, options = {}) => http.call(WRITE, { body: BODY }, Thing, options);
const failed = (call: Promise<unknown>) =>
  call.then(
    () => "no error",
    (error: unknown) => error,
  );

const mockRead = () => nock(BASE).get("/thing").query(true);
const mockWrite = () => nock(BASE).post("/thing");

interface Row {
  readonly name: string;
  readonly reply: (mock: nock.Interceptor) => nock.Scope;
  readonly read: "again" | "refused" | "credentials" | "renew";
  readonly write: "again" | "in doubt" | "refused" | "credentials" | "renew";
}

const TABLE: readonly Row[] = [
  { name: "408", reply: (m) => m.reply(408), read: "again", write: "in doubt" },
  { name: "429", reply: (m) => m.reply(429), read: "again", write: "again" },
  { name: "500", reply: (m) => m.reply(500, { messages: [{ code: "boom" }] }), read: "again", write: "in doubt" },
  { name: "502 in HTML", reply: (m) => m.reply(502, "<html>bad gateway</html>"), read: "again", write: "in doubt" },
  { name: "503", reply: (m) => m.reply(503), read: "again", write: "in doubt" },
  { name: "504", reply: (m) => m.reply(504), read: "again", write: "in doubt" },
  { name: "302", reply: (m) => m.reply(302, "", { location: "https://elsewhere.example/" }), read: "again", write: "in doubt" },
  { name: "200 in HTML", reply: (m) => m.reply(200, "<html>welcome</html>"), read: "again", write: "in doubt" },
  { name: "200 with half a body", reply: (m) => m.reply(200, '{"ok":tr'), read: "again", write: "in doubt" },
  { name: "200 without a body", reply: (m) => m.reply(200), read: "again", write: "in doubt" },
  { name: "204", reply: (m) => m.reply(204), read: "again", write: "in doubt" },
  { name: "200 of another shape", reply: (m) => m.reply(200, { ok: "body-canary" }), read: "again", write: "in doubt" },
  { name: "a reset", reply: (m) => m.replyWithError(errno("ECONNRESET")), read: "again", write: "in doubt" },
  { name: "a refused connection", reply: (m) => m.replyWithError(errno("ECONNREFUSED")), read: "again", write: "again" },
  { name: "an unknown host", reply: (m) => m.replyWithError(errno("ENOTFOUND")), read: "again", write: "again" },
  { name: "a resolver that is away", reply: (m) => m.replyWithError(errno("EAI_AGAIN")), read: "again", write: "again" },
  {
    name: "a connection that never came about",
    reply: (m) => m.replyWithError(errno("UND_ERR_CONNECT_TIMEOUT")),
    read: "again",
    write: "again",
  },
  { name: "404 in HTML", reply: (m) => m.reply(404, "<html>?</html>"), read: "again", write: "refused" },
  { name: "400", reply: (m) => m.reply(400, { messages: [{ code: "VALIDATION_FAILED" }] }), read: "refused", write: "refused" },
  { name: "404", reply: (m) => m.reply(404), read: "refused", write: "refused" },
  { name: "413 in HTML", reply: (m) => m.reply(413, "<html>too large</html>"), read: "again", write: "refused" },
  { name: "422", reply: (m) => m.reply(422, "no"), read: "refused", write: "refused" },
  { name: "401", reply: (m) => m.reply(401), read: "renew", write: "renew" },
  { name: "403", reply: (m) => m.reply(403, { error: "forbidden" }), read: "credentials", write: "credentials" },
];

function errno(code: string): Error {
  return Object.assign(new Error(`${code} ${TOKEN} body-canary`), { code });
}

function expectNoSecrets(error: unknown, lines: readonly string[]): void {
  const everything = [everythingIn(error), ...lines].join("\n");
  for (const canary of ["tok-canary", "body-canary", "vendor.example"]) expect(everything).not.toContain(canary);
}

describe("a read", () => {
  it.each(TABLE.filter((row) => row.read === "again"))("is tried four times after $name, then the vendor is out", async ({ reply }) => {
    const { http, deps } = client();
    reply(mockRead().times(4));
    const error = await failed(read(http));
    expect(error).toBeInstanceOf(OutageError);
    expect(error).toMatchObject({ exit: "vendor", message: expect.stringContaining("vendor.read: ") });
    expect(deps.events.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4]);
    expect(deps.slept).toHaveLength(3);
    expectNoSecrets(error, deps.lines);
  });

  it.each(TABLE.filter((row) => row.read === "again"))("has its answer when $name goes away", async ({ reply }) => {
    const { http } = client();
    reply(mockRead());
    mockRead().reply(200, { ok: true });
    await expect(read(http)).resolves.toMatchObject({ data: { ok: true }, status: 200 });
  });

  it.each(TABLE.filter((row) => row.read === "refused"))("is refused once by $name", async ({ reply, name }) => {
    const { http, deps } = client();
    reply(mockRead());
    const error = await failed(read(http));
    expect(error).toBeInstanceOf(RefusedError);
    expect(error).toMatchObject({ code: name });
    expectNoSecrets(error, deps.lines);
  });

  it("is not repeated when told so", async () => {
    const { http } = client();
    mockRead().reply(503);
    await expect(read(http, { retries: 0 })).rejects.toThrow(OutageError);
  });

  it("that moves a cursor is in doubt after a lost answer, but repeated after a refused connection", async () => {
    const { http } = client();
    mockRead().replyWithError(errno("ECONNREFUSED"));
    mockRead().reply(503);
    await expect(read(http, { repeatable: false })).rejects.toThrow(InDoubtError);
  });
});

describe("a write", () => {
  it.each(TABLE.filter((row) => row.write === "again"))("is tried four times after $name, then the vendor is out", async ({ reply }) => {
    const { http, deps } = client();
    reply(mockWrite().times(4));
    const error = await failed(write(http));
    expect(error).toBeInstanceOf(OutageError);
    expect(error).toMatchObject({ exit: "vendor" });
    expectNoSecrets(error, deps.lines);
  });

  it.each(TABLE.filter((row) => row.write === "in doubt"))("is in doubt after $name and not sent again", async ({ reply }) => {
    const { http, deps } = client();
    reply(mockWrite());
    const error = await failed(write(http));
    expect(error).toBeInstanceOf(InDoubtError);
    expect(deps.slept).toEqual([]);
    expectNoSecrets(error, deps.lines);
  });

  it.each(TABLE.filter((row) => row.write === "refused"))("is refused by $name", async ({ reply }) => {
    const { http, deps } = client();
    reply(mockWrite());
    const error = await failed(write(http));
    expect(error).toBeInstanceOf(RefusedError);
    expectNoSecrets(error, deps.lines);
  });

  it.each([{ status: "failure", messages: [{ code: "no" }] }, { success: false }])("is refused by a 2xx that says %o", async (body) => {
    const { http } = client();
    mockWrite().reply(201, { ok: true, ...body });
    await expect(write(http)).rejects.toThrow(RefusedError);
  });

  it("never leaves in a dry run, not even for a token", async () => {
    const token = { get: () => Promise.reject(new Error("asked for a token")), renew: async () => false };
    const { http } = client({ dryRun: true }, token);
    const error = await failed(write(http));
    expect(error).toMatchObject({ message: "dry run: vendor.write would have been called", constructor: Error });
  });

  it("leaves reads alone in a dry run, also those that are POSTs", async () => {
    const { http } = client({ dryRun: true });
    mockWrite().reply(200, { ok: true });
    await expect(http.call({ ...WRITE, write: false }, { body: BODY }, Thing)).resolves.toMatchObject({ status: 200 });
  });
});

describe.each([
  ["read", mockRead, read],
  ["write", mockWrite, write],
] as const)("credentials of a %s", (_name, mock, call) => {
  it.each(TABLE.filter((row) => row.read === "credentials" || row.read === "renew"))("are refused by $name", async ({ reply }) => {
    const { http, deps } = client();
    reply(mock());
    const error = await failed(call(http));
    expect(error).toBeInstanceOf(OutageError);
    expect(error).toMatchObject({ exit: "credentials", nextStep: expect.stringContaining("IPASS_DSCO_TOKEN") });
    expectNoSecrets(error, deps.lines);
  });

  it("are renewed once on 401 and the call repeated with the new ones", async () => {
    const renewed: unknown[] = [];
    let current = "old";
    const token: TokenSource = {
      get: async () => current,
      renew: async (refused) => {
        renewed.push(refused);
        current = "new";
        return true;
      },
    };
    const { http, deps } = client({}, token);
    mock().matchHeader("authorization", "bearer old").reply(401);
    mock().matchHeader("authorization", "bearer new").reply(200, { ok: true });
    await expect(call(http)).resolves.toMatchObject({ status: 200 });
    expect(renewed).toEqual(["old"]);
    expect(deps.slept).toEqual([]);
  });

  it("are given up after one renewal", async () => {
    const token: TokenSource = { get: async () => TOKEN, renew: async () => true };
    const { http } = client({}, token);
    mock().times(2).reply(401);
    await expect(call(http)).rejects.toMatchObject({ exit: "credentials" });
  });
});

describe("waiting", () => {
  it.each([
    ["seconds", "7", 7_000],
    ["a date", "Sat, 22 Nov 2025 08:00:30 GMT", 30_000],
  ])("honours Retry-After in %s", async (_name, header, expected) => {
    const { http, deps } = client();
    mockWrite().reply(429, "", { "retry-after": header });
    mockWrite().reply(200, { ok: true });
    await write(http);
    expect(deps.slept).toEqual([expected]);
    expect(deps.events.map(({ throttled }) => throttled)).toEqual([true, false]);
  });

  it("is jittered over a doubling window", async () => {
    const { http, deps } = client({ random: () => 1 });
    mockRead().times(4).reply(503);
    await failed(read(http));
    expect(deps.slept).toEqual([500, 1_000, 2_000]);
  });

  it.each([
    ["the vendor asks for too long", {}, "121"],
    ["the pass has less time left", { remainingMs: () => 5_000 }, "6"],
  ])("ends the pass when %s", async (_name, deps, header) => {
    const { http, deps: all } = client(deps);
    mockWrite().reply(429, "", { "retry-after": header });
    await expect(write(http)).rejects.toMatchObject({ exit: "vendor" });
    expect(all.slept).toEqual([]);
  });
});

describe("the end of the pass", () => {
  const reason = new Error("deadline reached");

  it("stops a read that waits for its next try", async () => {
    const ending = new AbortController();
    const { http } = client({ signal: ending.signal, sleep: async () => ending.abort(reason) });
    mockRead().reply(503);
    expect(await failed(read(http))).toBe(reason);
  });

  it("tells the caller that a write in waiting was never delivered", async () => {
    const ending = new AbortController();
    const { http } = client({ signal: ending.signal, sleep: async () => ending.abort(reason) });
    mockWrite().reply(429);
    const error = await failed(write(http));
    expect(error).toBeInstanceOf(NotDeliveredError);
    expect(error).toMatchObject({ cause: reason });
  });

  it("with the real clock, wakes a sleeping call at once", async () => {
    const ending = new AbortController();
    const { http, deps } = client({ signal: ending.signal });
    const { sleep: _sleep, ...withoutSleep } = deps;
    const real = new HttpClient(dscoVendor(BASE, new StaticToken(TOKEN)), {
      ...withoutSleep,
      onCall: () => void setImmediate(() => ending.abort(reason)),
    });
    mockWrite().reply(429, "", { "retry-after": "60" });
    expect(await failed(write(real))).toBeInstanceOf(NotDeliveredError);
    expect(http).toBeDefined();
  });

  it("lets no new attempt begin", async () => {
    const { http } = client({ signal: AbortSignal.abort(reason) });
    expect(await failed(read(http))).toBe(reason);
    expect(await failed(write(http))).toBeInstanceOf(NotDeliveredError);
  });

  it("cuts a read under way, but lets a write finish", async () => {
    const ending = new AbortController();
    const { http } = client({ signal: ending.signal });
    mockWrite()
      .delay(60)
      .reply(200, () => ({ ok: true }));
    mockRead().delay(60).reply(200, { ok: true });
    const [readOutcome, writeOutcome] = [failed(read(http)), failed(write(http))];
    setTimeout(() => ending.abort(reason), 20);
    expect(await readOutcome).toBe(reason);
    expect(await writeOutcome).toBe("no error");
  });
});

describe("an answer", () => {
  it("brings the vendor's clock and request id", async () => {
    const { http, deps } = client();
    mockWrite().reply(202, { ok: true, requestId: "0d6c-ack" }, { date: "Sat, 22 Nov 2025 08:00:30 GMT" });
    const answer = await write(http);
    expect(answer).toEqual({
      data: { ok: true, requestId: "0d6c-ack" },
      status: 202,
      requestId: "0d6c-ack",
      date: new Date("2025-11-22T08:00:30Z"),
    });
    expect(deps.events).toMatchObject([{ endpoint: "vendor.write", status: 202, attempt: 1, throttled: false, requestId: "0d6c-ack" }]);
  });

  it("keeps long ids, and a parser of the caller's is used instead of ours", async () => {
    const { http } = client();
    mockRead().times(2).reply(200, '{"ok":true,"id":103336708973801472}');
    expect((await read(http)).data).toEqual({ ok: true, id: "103336708973801472" });
    expect((await read(http, { parse: () => ({ ok: false }) })).data).toEqual({ ok: false });
  });

  it("of refusal gives the vendor's words, without secrets it echoes and what redact knows, in one short line", async () => {
    const { http, deps } = client({ redact: (text) => text.replaceAll("Ann Lee", "***") });
    const description = [`token ${TOKEN} or ${encodeURIComponent(TOKEN)}`, "for\nAnn Lee", "x".repeat(500)];
    mockWrite().reply(400, { requestId: "r-1", messages: [{ code: "notGood", description }] });
    const error = await failed(write(http));
    expect(error).toMatchObject({
      code: "400",
      message: expect.stringMatching(/^vendor\.write: HTTP 400: notGood .*for \*\*\* x+…? \(request id r-1\)$/),
    });
    expect((error as Error).message.length).toBeLessThan(400);
    expectNoSecrets(error, deps.lines);
    expect(everythingIn(error)).not.toContain("Ann");
  });
});

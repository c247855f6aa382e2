import { createServer, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import nock from "nock";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { dscoVendor } from "../../src/dsco/vendor.ts";
import { InDoubtError } from "../../src/errors.ts";
import { HttpClient } from "../../src/http/client.ts";
import type { Endpoint } from "../../src/http/endpoint.ts";
import { StaticToken } from "../../src/http/shared-token.ts";
import { everythingIn, testDeps } from "../helpers/http.ts";

// Real sockets, without nock: what a mock cannot do is end half way.
beforeAll(() => nock.restore());

const TOKEN = "tok-canary/8+8=";
const READ: Endpoint = { name: "vendor.read", method: "GET", path: "/thing", write: false, timeoutMs: 2_000, limit: {} };
const WRITE: Endpoint = { ...READ, name: "vendor.write", method: "POST", write: true };
const Thing = z.looseObject({ ok: z.boolean() });
const BODY = { name: "body-canary" };
const failed = (call: Promise<unknown>) =>
  call.then(
    () => "no error",
    (error: unknown) => error,
  );

describe("HttpClient on a real socket", () => {
  let server: Server | undefined;
  afterEach(() => new Promise<void>((resolve) => void (server ? server.close(() => resolve()) : resolve())));

  function client(baseUrl: string) {
    const deps = testDeps();
    return { http: new HttpClient(dscoVendor(baseUrl, new StaticToken(TOKEN)), deps), deps };
  }

  async function serve(answer: RequestListener): Promise<string> {
    server = createServer({ keepAlive: true }, answer);
    await new Promise<void>((resolve) => void server?.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/`;
  }

  it("sends what it should: method, path without a double slash, query, headers, body", async () => {
    const seen: unknown[] = [];
    const base = await serve((request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => {
        body += chunk.toString();
      });
      request.on("end", () => {
        const { authorization, accept, "content-type": type } = request.headers;
        seen.push([request.method, request.url, body, { authorization, accept, type }]);
        response.setHeader("content-type", "application/json").end('{"ok":true}');
      });
    });
    const { http } = client(base);
    await http.call(READ, { query: { status: ["a", "b"], flag: true, n: 1, none: undefined } }, Thing);
    await http.call(WRITE, { body: { text: "ü", id: 110000000000000001n } }, Thing);
    await http.call(WRITE, { form: { a: "1 +", b: "&" } }, Thing);
    const headers = { authorization: `bearer ${TOKEN}`, accept: "application/json" };
    expect(seen).toEqual([
      ["GET", "/api/thing?status=a&status=b&flag=true&n=1", "", { ...headers, type: "application/json" }],
      ["POST", "/api/thing", '{"text":"ü","id":110000000000000001}', { ...headers, type: "application/json" }],
      ["POST", "/api/thing", "a=1+%2B&b=%26", { ...headers, type: "application/x-www-form-urlencoded" }],
    ]);
  });

  it.each([
    ["headers that do not come", () => undefined],
    ["a body that does not end", (response: ServerResponse) => void response.write('{"ok":')],
  ])("gives up on %s", async (_name, answer) => {
    const base = await serve((_request, response) => {
      answer(response);
      setTimeout(() => response.destroy(), 400);
    });
    const { http, deps } = client(base);
    const error = await failed(http.call({ ...WRITE, timeoutMs: 60 }, { body: BODY }, Thing));
    expect(error).toBeInstanceOf(InDoubtError);
    expect(error).toMatchObject({ message: "vendor.write: no complete answer in time (TimeoutError)" });
    expect([everythingIn(error), ...deps.lines].join()).not.toMatch(/canary|127\.0\.0\.1/);
  });

  it("is in doubt about a body that was cut off", async () => {
    const base = await serve((_request, response) => {
      response.writeHead(200, { "content-length": "100" }).write('{"ok":true');
      setTimeout(() => response.destroy(), 20);
    });
    const { http } = client(base);
    await expect(http.call(WRITE, { body: BODY }, Thing)).rejects.toThrow(InDoubtError);
  });

  it("knows that nothing arrived where nobody listens", async () => {
    const base = await serve((_request, response) => void response.end());
    await new Promise<void>((resolve) => void server?.close(() => resolve()));
    server = undefined;
    const { http, deps } = client(base);
    await expect(http.call(WRITE, { body: BODY }, Thing)).rejects.toMatchObject({
      exit: "vendor",
      message: expect.stringContaining("could not connect (ECONNREFUSED)"),
    });
    expect(deps.slept).toHaveLength(3);
  });
});

import { describe, expect, it } from "vitest";
import { statusProblem, transportProblem } from "../../src/http/verdict.ts";

describe("statusProblem", () => {
  it.each([
    [200, undefined],
    [201, undefined],
    [202, undefined],
    [204, undefined],
    [301, "broken"],
    [302, "broken"],
    [400, "refused"],
    [401, "expired"],
    [403, "credentials"],
    [404, "refused"],
    [405, "refused"],
    [408, "broken"],
    [409, "refused"],
    [413, "refused"],
    [422, "refused"],
    [429, "throttled"],
    [500, "broken"],
    [502, "broken"],
    [503, "broken"],
    [504, "broken"],
    [599, "broken"],
  ])("%i is %s", (status, kind) => expect(statusProblem(status)).toBe(kind));
});

function system(code: string, syscall?: string): Error {
  return Object.assign(new Error(`${syscall} ${code} https://secret@host/?access_token=abc`), { code, ...(syscall && { syscall }) });
}
const wrapped = (cause: unknown) => new Error("[GET] https://host/?access_token=abc", { cause: new TypeError("fetch failed", { cause }) });

describe("transportProblem", () => {
  it.each([
    ["a refused connection", system("ECONNREFUSED", "connect"), "undelivered", "ECONNREFUSED"],
    ["an unknown host", system("ENOTFOUND", "getaddrinfo"), "undelivered", "ENOTFOUND"],
    ["a resolver that is away", system("EAI_AGAIN", "getaddrinfo"), "undelivered", "EAI_AGAIN"],
    ["a connection that never came about", system("UND_ERR_CONNECT_TIMEOUT"), "undelivered", "UND_ERR_CONNECT_TIMEOUT"],
    ["a route that is not there", system("EHOSTUNREACH", "connect"), "undelivered", "EHOSTUNREACH"],
    ["a connect time-out of the system", system("ETIMEDOUT", "connect"), "undelivered", "ETIMEDOUT"],
    ["a certificate we do not trust", system("CERT_HAS_EXPIRED"), "undelivered", "CERT_HAS_EXPIRED"],
    [
      "a refusal on each address",
      new AggregateError([system("ECONNREFUSED", "connect"), system("ENETUNREACH", "connect")]),
      "undelivered",
      "ECONNREFUSED",
    ],
    [
      "one address refused, the other reset",
      new AggregateError([system("ECONNREFUSED", "connect"), system("ECONNRESET", "read")]),
      "broken",
      "ECONNREFUSED",
    ],
    ["a reset", system("ECONNRESET", "read"), "broken", "ECONNRESET"],
    ["a time-out in use", system("ETIMEDOUT", "read"), "broken", "ETIMEDOUT"],
    ["a route lost in use", system("EHOSTUNREACH", "read"), "broken", "EHOSTUNREACH"],
    ["a socket closed by the other side", system("UND_ERR_SOCKET"), "broken", "UND_ERR_SOCKET"],
    ["headers that never came", system("UND_ERR_HEADERS_TIMEOUT"), "broken", "UND_ERR_HEADERS_TIMEOUT"],
    ["a broken pipe", system("EPIPE", "write"), "broken", "EPIPE"],
    ["our time limit", new DOMException("time limit", "TimeoutError"), "broken", "TimeoutError"],
    ["something unheard of", "boom", "broken", "Error"],
    ["no addresses at all", new AggregateError([]), "broken", "Error"],
  ])("%s", (_name, cause, kind, code) => {
    const problem = transportProblem(wrapped(cause));
    expect(problem).toMatchObject({ kind, code });
    expect(JSON.stringify(problem)).not.toMatch(/access_token|secret/);
  });
});

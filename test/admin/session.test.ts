import { describe, expect, it } from "vitest";
import { SESSION_SEC, Sessions, sameText } from "../../src/admin/session.ts";

const NOW = new Date("2026-11-22T12:00:00Z");
const later = (sec: number) => new Date(NOW.getTime() + sec * 1000);
const sessions = new Sessions("token");

describe("a session", () => {
  it("lasts twelve hours, on every host with the same token", () => {
    const cookie = sessions.begin(NOW);
    expect(SESSION_SEC).toBe(12 * 3600);
    expect(sessions.find(cookie, NOW)).toEqual({ endsAt: later(SESSION_SEC), csrf: expect.stringMatching(/^[\w-]{43}$/) });
    expect(new Sessions("token").find(cookie, later(SESSION_SEC - 1))).toEqual(sessions.find(cookie, NOW));
    expect(sessions.find(cookie, later(SESSION_SEC))).toBeUndefined();
  });

  it("ends when the token changes", () => {
    expect(new Sessions("token2").find(sessions.begin(NOW), NOW)).toBeUndefined();
  });

  it("has a CSRF text of its own, which is no cookie", () => {
    const cookies = [sessions.begin(NOW), sessions.begin(NOW)];
    const [one, other] = cookies.map((cookie) => sessions.find(cookie, NOW)?.csrf ?? "");
    expect(one).not.toBe(other);
    for (const cookie of cookies) expect(cookie).not.toContain(one);
  });

  it("cannot be made up or prolonged", () => {
    const [end = "", nonce = "", mac = ""] = sessions.begin(NOW).split(".");
    const forged = [
      "",
      ".",
      "..",
      `${end}.${nonce}`,
      `${end}.${nonce}.`,
      `${Number(end) + 1}.${nonce}.${mac}`,
      `${end}.${nonce}x.${mac}`,
      `${end}.${nonce}.${mac}x`,
      `${end}.${nonce}.${mac}.${mac}`,
      `${end}.${nonce}.${mac.slice(0, -1)}`,
      `9e9.${nonce}.${mac}`,
      `${end}..${mac}`,
      `${end}.${nonce}.${sessions.find(sessions.begin(NOW), NOW)?.csrf}`,
    ];
    for (const cookie of forged) expect(sessions.find(cookie, NOW), cookie).toBeUndefined();
  });
});

it.each([
  ["a", "a", true],
  ["a", "b", false],
  ["", "", true],
  ["a", "", false],
  ["aa", "a", false],
  ["ü", "u", false],
])("sameText(%j, %j)", (given, expected, same) => {
  expect(sameText(given, expected)).toBe(same);
});

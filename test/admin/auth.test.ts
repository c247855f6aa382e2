import { describe, expect, it } from "vitest";
import { type Auth, type Credentials, decideAccess, type Protection } from "../../src/admin/auth.ts";
import { Sessions } from "../../src/admin/session.ts";

const NOW = new Date("2026-11-22T12:00:00Z");
const sessions = new Sessions("right");
const TOKEN: Protection = { by: "token", token: "right", sessions };
const LOOPBACK: Protection = { by: "loopback" };
const NOTHING: Protection = { by: "nothing" };
const cookie = sessions.begin(NOW);

const decide = (protection: Protection, auth: Auth, given: Partial<Credentials> = {}) => {
  const nothing = { host: "admin.example.com", origin: undefined, authorization: undefined, cookie: undefined };
  const access = decideAccess(auth, protection, { ...nothing, ...given }, NOW);
  return access.granted ? "in" : `${access.status} ${access.reason}`;
};

describe("with a token", () => {
  it.each<[string, Partial<Credentials>, string]>([
    ["nothing", {}, "401 no_token"],
    ["the token", { authorization: "Bearer right" }, "in"],
    ["the token, its scheme in small letters", { authorization: "bearer  right" }, "in"],
    ["another token", { authorization: "Bearer wrong" }, "401 wrong_token"],
    ["a part of it", { authorization: "Bearer righ" }, "401 wrong_token"],
    ["the token and more", { authorization: "Bearer right right" }, "401 wrong_token"],
    ["an empty token", { authorization: "Bearer " }, "401 wrong_token"],
    ["the token as a password", { authorization: `Basic ${Buffer.from("admin:right").toString("base64")}` }, "401 wrong_token"],
    ["a session", { cookie }, "in"],
    ["a session of another token", { cookie: new Sessions("other").begin(NOW) }, "401 session_over"],
    ["a session and another token", { cookie, authorization: "Bearer wrong" }, "401 wrong_token"],
    ["a foreign page and the token", { authorization: "Bearer right", origin: "https://evil.example" }, "in"],
  ])("%s", (_name, given, expected) => {
    for (const auth of ["token", "page", "form"] as const) expect(decide(TOKEN, auth, given), auth).toBe(expected);
  });

  it("signing in needs nothing beforehand, nor does health", () => {
    expect(decide(TOKEN, "sign_in")).toBe("in");
    expect(decide(TOKEN, "none")).toBe("in");
  });
});

describe("without a token, bound to loopback", () => {
  it.each<[string, Partial<Credentials>, string]>([
    ["127.0.0.1", { host: "127.0.0.1:8080" }, "in"],
    ["localhost", { host: "localhost:8080" }, "in"],
    ["LOCALHOST", { host: "LOCALHOST" }, "in"],
    ["::1", { host: "[::1]:8080" }, "in"],
    ["another name that leads here", { host: "rebind.example:8080" }, "403 foreign_host"],
    ["a name that begins alike", { host: "localhost.example:8080" }, "403 foreign_host"],
    ["a user in the name", { host: "127.0.0.1:80@evil.example" }, "403 foreign_host"],
    ["two of them", { host: "127.0.0.1:8080, evil.example" }, "403 foreign_host"],
    ["the network's address", { host: "10.0.0.5:8080" }, "403 foreign_host"],
    ["no name", { host: undefined }, "403 foreign_host"],
    ["its own page", { host: "localhost:8080", origin: "http://localhost:8080" }, "in"],
    ["another site's page", { host: "localhost:8080", origin: "https://evil.example" }, "403 foreign_origin"],
    ["a page of another port", { host: "localhost:8080", origin: "http://localhost:3000" }, "403 foreign_origin"],
    ["a page of another name of this machine", { host: "localhost:8080", origin: "http://127.0.0.1:8080" }, "403 foreign_origin"],
    ["a page that hides its site", { host: "localhost:8080", origin: "null" }, "403 foreign_origin"],
    ["an empty site", { host: "localhost:8080", origin: "" }, "403 foreign_origin"],
  ])("%s", (_name, given, expected) => {
    for (const auth of ["token", "page", "form", "sign_in"] as const) expect(decide(LOOPBACK, auth, given), auth).toBe(expected);
  });

  it("health is for everybody", () => {
    expect(decide(LOOPBACK, "none", { host: "rebind.example", origin: "https://evil.example" })).toBe("in");
  });
});

describe("without a token, where others can reach it", () => {
  it.each<Partial<Credentials>>([{}, { host: "localhost" }, { authorization: "Bearer right" }, { authorization: "Bearer " }, { cookie }])(
    "%o gets nothing but health",
    (given) => {
      for (const auth of ["token", "page", "form", "sign_in"] as const) expect(decide(NOTHING, auth, given), auth).toBe("401 unconfigured");
      expect(decide(NOTHING, "none", given)).toBe("in");
    },
  );
});

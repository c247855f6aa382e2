import nock from "nock";
import { describe, expect, it } from "vitest";
import type { StoredToken } from "../../src/http/shared-token.ts";
import { lingxingTokenKey } from "../../src/lingxing/auth.ts";
import { LingxingClient } from "../../src/lingxing/client.ts";
import { everythingIn, testDeps, useHttpMocks } from "../helpers/http.ts";
import { MemoryTokenStore } from "../helpers/token-store.ts";

useHttpMocks();

const BASE = "https://lingxing.example";
const APP_ID = "ak_T3stAppId0001";
const SECRET = "secret-canary+/=";
const ISSUE = "/api/auth-server/oauth/access-token";
const REFRESH = "/api/auth-server/oauth/refresh";
const LIST = "/pb/mp/order/v2/list";
const EMPTY = { code: 0, data: { total: 0, list: [] } };

function setUp(stored?: Partial<StoredToken>) {
  const store = new MemoryTokenStore();
  const deps = testDeps({ dryRun: true }); // a dry run needs a token like any other
  const minutes = (n: number) => new Date(deps.clock.getTime() + n * 60_000);
  const old = { accessToken: "old-canary", refreshToken: "refresh-canary", issuedAt: minutes(-60), expiresAt: minutes(60), ...stored };
  if (stored !== undefined) store.tokens.set(lingxingTokenKey(APP_ID), old);
  const lingxing = new LingxingClient({ baseUrl: BASE, appId: APP_ID, credentials: { appSecret: SECRET, store } }, deps);
  return { store, deps, read: () => lingxing.ordersByNumber(["1"], ["PO-1"]), minutes };
}
const pair = (name: string) => ({ code: "200", msg: "OK", data: { access_token: name, refresh_token: `r-${name}`, expires_in: 7199 } });
const form = (fields: Record<string, string>) => (body: string) =>
  Object.entries(fields).every(([name, value]) => body.includes(`name="${name}"\r\n\r\n${value}\r\n`));
const mockIssue = () =>
  nock(BASE)
    .post(ISSUE, form({ appId: APP_ID, appSecret: SECRET }))
    .matchHeader("content-type", /^multipart\/form-data; boundary=/);
const mockRefresh = () => nock(BASE).post(REFRESH, form({ appId: APP_ID, refreshToken: "refresh-canary" }));
const mockList = (token: string) =>
  nock(BASE)
    .post(LIST)
    .query((query) => query.access_token === token);

describe("the shared Lingxing token", () => {
  it("is issued when there is none, saved, and used", async () => {
    const { store, read, minutes } = setUp();
    mockIssue().reply(200, pair("first"));
    mockList("first").reply(200, EMPTY);
    await read();
    const saved = store.tokens.get(lingxingTokenKey(APP_ID));
    expect(saved).toEqual({
      accessToken: "first",
      refreshToken: "r-first",
      issuedAt: minutes(0),
      expiresAt: new Date(minutes(0).getTime() + 7_199_000),
    });
    expect(store.log).toEqual(["lock", "save first", "unlock"]);
  });

  it.each([
    ["code as a number, life as a text", { code: 200, data: { access_token: "first", refresh_token: "r", expires_in: "7199" } }],
    ["no refresh token", { code: "200", data: { access_token: "first", expires_in: 7199 } }],
  ])("may come with %s", async (_name, answer) => {
    const { read } = setUp();
    mockIssue().reply(200, answer);
    mockList("first").reply(200, EMPTY);
    await read();
  });

  it("is taken from the store while it is good", async () => {
    const { read } = setUp({});
    mockList("old-canary").reply(200, EMPTY);
    await read();
  });

  it("is renewed before it ends", async () => {
    const { store, read, deps } = setUp({ expiresAt: new Date("2025-11-22T08:04:00Z") });
    mockRefresh().reply(200, pair("renewed"));
    mockList("renewed").reply(200, EMPTY);
    await read();
    expect(store.tokens.get(lingxingTokenKey(APP_ID))?.refreshToken).toBe("r-renewed");
    expect(deps.lines.join()).not.toContain("canary");
  });

  it.each(["2001003", "2001005"])("is renewed once on %s and the call repeated", async (code) => {
    const { read } = setUp({});
    mockList("old-canary").reply(200, { code, msg: "token" });
    mockRefresh().reply(200, pair("renewed"));
    mockList("renewed").reply(200, EMPTY);
    await read();
  });

  it("is not renewed when another process has done it", async () => {
    const { store, read, minutes } = setUp({});
    mockList("old-canary").reply(200, () => {
      store.tokens.set(lingxingTokenKey(APP_ID), { accessToken: "theirs", issuedAt: minutes(0), expiresAt: minutes(120) });
      return { code: "2001005", msg: "token" };
    });
    mockList("theirs").reply(200, EMPTY);
    await read();
  });

  it.each<[string, (mock: nock.Interceptor) => nock.Scope]>([
    ["expired", (m) => m.reply(200, { code: "2001008", msg: "expired" })],
    ["was used", (m) => m.reply(200, { code: "2001009", msg: "invalid" })],
    ["gave its answer to nobody", (m) => m.replyWithError(Object.assign(new Error("x"), { code: "ECONNRESET" }))],
    ["met a server fault", (m) => m.reply(500)],
    ["brought something else", (m) => m.reply(200, { code: "200", data: {} })],
    ["was refused for another reason", (m) => m.reply(200, { code: 102, msg: "bad" })],
  ])("is issued anew when the refresh token %s, which is not tried again", async (_name, reply) => {
    const { read } = setUp({ expiresAt: new Date("2025-11-22T08:00:10Z") });
    reply(mockRefresh());
    mockIssue().reply(200, pair("issued"));
    mockList("issued").reply(200, EMPTY);
    await read();
  });

  it.each(["2001001", "2001002", "0001001", "3001002", "102"])("cannot be had with code %s: credentials", async (code) => {
    const { read, deps } = setUp();
    mockIssue().reply(200, { code, msg: `appSecret ${SECRET} is wrong` });
    const error = await read().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ exit: "credentials", message: expect.stringContaining("lingxing.token_issue") });
    expect([everythingIn(error), ...deps.lines].join()).not.toContain("canary");
  });

  it("cannot be had while Lingxing is out", async () => {
    const { read } = setUp();
    mockIssue().times(4).reply(503);
    await expect(read()).rejects.toMatchObject({ exit: "vendor" });
  });

  it("is given up when the renewed one is refused too", async () => {
    const { read } = setUp({});
    mockList("old-canary").reply(200, { code: "2001003" });
    mockRefresh().reply(200, pair("renewed"));
    mockList("renewed").reply(200, { code: "2001003" });
    await expect(read()).rejects.toMatchObject({ exit: "credentials" });
  });
});

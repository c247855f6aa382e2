import nock from "nock";
import { describe, expect, it } from "vitest";
import { dscoTokenKey } from "../../src/dsco/auth.ts";
import { DscoClient } from "../../src/dsco/client.ts";
import { everythingIn, testDeps, useHttpMocks } from "../helpers/http.ts";
import { MemoryTokenStore } from "../helpers/token-store.ts";

useHttpMocks();

const BASE = "https://dsco.example/api/v3";
const SECRET = "secret-canary &+=";
const FORM = { client_id: "app-1", client_secret: SECRET, grant_type: "client_credentials" };

function setUp(stored?: { accessToken: string; minutesLeft: number }) {
  const store = new MemoryTokenStore();
  const deps = testDeps({ dryRun: true });
  const minutes = (n: number) => new Date(deps.clock.getTime() + n * 60_000);
  if (stored)
    store.tokens.set(dscoTokenKey("app-1"), {
      accessToken: stored.accessToken,
      issuedAt: minutes(-30),
      expiresAt: minutes(stored.minutesLeft),
    });
  const dsco = new DscoClient({ baseUrl: BASE, credentials: { clientId: "app-1", clientSecret: SECRET, store } }, deps);
  return { dsco, store, deps, minutes };
}
const mockToken = () => nock(BASE).post("/oauth2/token", FORM).matchHeader("content-type", "application/x-www-form-urlencoded");
const mockHello = (token: string) => nock(BASE).get("/hello").matchHeader("authorization", `bearer ${token}`);

describe("DSCO's token from client credentials", () => {
  it.each([
    ["an hour", { expires_in: 3600 }, 60],
    ["half an hour as text", { expires_in: "1800" }, 30],
    ["the usual hour when it does not say", {}, 60],
  ])("is fetched with a form, kept for %s, and used", async (_name, life, lasts) => {
    const { dsco, store, minutes } = setUp();
    mockToken().reply(200, { access_token: "fresh", token_type: "Bearer", ...life });
    mockHello("fresh").reply(200, {});
    await dsco.hello();
    expect(store.tokens.get(dscoTokenKey("app-1"))).toEqual({ accessToken: "fresh", issuedAt: minutes(0), expiresAt: minutes(lasts) });
  });

  it("is taken from the store while it is good, and replaced before it ends", async () => {
    const { dsco } = setUp({ accessToken: "stored", minutesLeft: 10 });
    mockHello("stored").reply(200, {});
    await dsco.hello();

    const ending = setUp({ accessToken: "stored", minutesLeft: 1 });
    mockToken().reply(200, { access_token: "fresh", expires_in: 3600 });
    mockHello("fresh").reply(200, {});
    await ending.dsco.hello();
  });

  it("is replaced once on a 401 and the call repeated", async () => {
    const { dsco } = setUp({ accessToken: "stored", minutesLeft: 10 });
    mockHello("stored").reply(401);
    mockToken().reply(200, { access_token: "fresh", expires_in: 3600 });
    mockHello("fresh").reply(200, {});
    await dsco.hello();
  });

  it.each([
    [400, { error: "invalid_request", error_description: `bad ${SECRET}` }],
    [401, { error: "invalid_client" }],
    [403, ""],
  ])("cannot be had on %i: credentials", async (status, body) => {
    const { dsco, deps } = setUp();
    mockToken().reply(status, body);
    const error = await dsco.hello().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      name: "OutageError",
      exit: "credentials",
      message: expect.stringContaining(`dsco.token: HTTP ${status}`),
    });
    expect([everythingIn(error), ...deps.lines].join()).not.toContain("canary");
  });

  it("cannot be had while DSCO is out", async () => {
    const { dsco } = setUp();
    mockToken().times(4).reply(503);
    await expect(dsco.hello()).rejects.toMatchObject({ exit: "vendor" });
  });
});

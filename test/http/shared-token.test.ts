import { describe, expect, it } from "vitest";
import { SharedToken, type SharedTokenOptions, StaticToken, type StoredToken } from "../../src/http/shared-token.ts";
import { MemoryTokenStore } from "../helpers/token-store.ts";

const MINUTE = 60_000;
const now = new Date("2025-11-22T08:00:00Z");
const KEY = "vendor:app";

function token(accessToken: string, minutesLeft: number, life = 120): StoredToken {
  const expiresAt = new Date(now.getTime() + minutesLeft * MINUTE);
  return { accessToken, refreshToken: `r-${accessToken}`, expiresAt, issuedAt: new Date(expiresAt.getTime() - life * MINUTE) };
}

function setUp(stored?: StoredToken, options: Partial<SharedTokenOptions> = {}) {
  const store = new MemoryTokenStore();
  if (stored !== undefined) store.tokens.set(KEY, stored);
  let issued = 0;
  const make = () =>
    new SharedToken({
      key: KEY,
      store,
      leadMs: 5 * MINUTE,
      now: () => now,
      issue: async () => {
        store.log.push("issue");
        return token(`issued-${++issued}`, 120);
      },
      refresh: async (refreshToken) => {
        store.log.push(`refresh ${refreshToken}`);
        return token("refreshed", 120);
      },
      ...options,
    });
  return { store, make, shared: make() };
}

describe("SharedToken", () => {
  it("uses the stored token without a lock while it is fresh", async () => {
    const { shared, store } = setUp(token("stored", 60));
    expect([await shared.get(), await shared.get()]).toEqual(["stored", "stored"]);
    expect(store.log).toEqual([]);
  });

  it.each([
    ["issues the first one", undefined, ["lock", "issue", "save issued-1", "unlock"], "issued-1"],
    ["renews one that ends soon", token("old", 4), ["lock", "refresh r-old", "save refreshed", "unlock"], "refreshed"],
    ["renews one that has ended", token("old", -30), ["lock", "refresh r-old", "save refreshed", "unlock"], "refreshed"],
    [
      "issues one where there is no refresh token",
      { ...token("old", 4), refreshToken: undefined },
      ["lock", "issue", "save issued-1", "unlock"],
      "issued-1",
    ],
  ])("%s, under the lock and saved before use", async (_name, stored, log, expected) => {
    const { shared, store } = setUp(stored);
    expect(await shared.get()).toBe(expected);
    expect(store.log).toEqual(log);
  });

  it("does not renew a short-lived token over and over: the lead is at most half of its life", async () => {
    const { shared, store } = setUp(token("short", 3, 4));
    expect(await shared.get()).toBe("short");
    expect(store.log).toEqual([]);
  });

  it("issues a new pair when the refresh token did not work", async () => {
    const { shared, store } = setUp(token("old", 1), { refresh: async () => undefined });
    expect(await shared.get()).toBe("issued-1");
    expect(store.tokens.get(KEY)?.accessToken).toBe("issued-1");
  });

  it("asks once for all callers of a process", async () => {
    const { shared, store } = setUp();
    expect(await Promise.all([shared.get(), shared.get(), shared.get()])).toEqual(["issued-1", "issued-1", "issued-1"]);
    expect(store.log.filter((entry) => entry === "issue")).toHaveLength(1);
  });

  it("takes what another process has renewed meanwhile", async () => {
    const { make, store } = setUp(token("old", 60));
    const processes = [make(), make(), make()];
    await Promise.all(processes.map((shared) => shared.get()));
    await Promise.all(processes.map((shared) => shared.renew("old")));
    expect(await Promise.all(processes.map((shared) => shared.get()))).toEqual(["refreshed", "refreshed", "refreshed"]);
    expect(store.log.filter((entry) => entry.startsWith("refresh"))).toHaveLength(1);
  });

  it("renews a fresh token the vendor refused, and again if it refuses that", async () => {
    const { shared, store } = setUp(token("old", 60), { refresh: async () => undefined });
    await shared.renew("old");
    expect(await shared.get()).toBe("issued-1");
    await shared.renew("issued-1");
    expect(await shared.get()).toBe("issued-2");
    expect(store.log.filter((entry) => entry === "issue")).toHaveLength(2);
  });

  it("does not hand a caller the very token it complained about", async () => {
    const { shared } = setUp(token("old", 60), { refresh: async () => undefined });
    await Promise.all([shared.renew("old"), shared.renew("issued-1")]);
    expect(await shared.get()).toBe("issued-2");
  });

  it("passes a failure on and tries again next time", async () => {
    let down = true;
    const { shared } = setUp(undefined, {
      issue: async () => {
        if (down) throw new Error("down");
        return token("late", 120);
      },
    });
    await expect(Promise.all([shared.get(), shared.get()])).rejects.toThrow("down");
    down = false;
    expect(await shared.get()).toBe("late");
  });
});

describe("StaticToken", () => {
  it("is what it is", async () => {
    const fixed = new StaticToken("t");
    expect([await fixed.get(), await fixed.renew()]).toEqual(["t", false]);
  });
});

import { expect, it } from "vitest";
import { SealedTokenStore } from "../../src/store/token-store.ts";
import { useStoreDatabase } from "./store-database.ts";

const database = await useStoreDatabase();
const { db, config } = database;
const codec = (secret: string) => ({
  seal: (token: string, key: string) => `${secret}|${key}|${token}`,
  open: (text: string, key: string) => (text.startsWith(`${secret}|${key}|`) ? text.slice(secret.length + key.length + 2) : undefined),
});
const store = (secret = "s1") => new SealedTokenStore(db, config, codec(secret));

it("keeps one token per account, sealed", async () => {
  expect(await store().load("lingxing:app-1")).toBeUndefined();
  await store().save("lingxing:app-1", "first");
  await store().save("lingxing:app-1", "second");
  await store().save("lingxing:app-2", "other");
  expect(await store().load("lingxing:app-1")).toBe("second");
  const rows = await database.query("SELECT token_key, ciphertext FROM api_token ORDER BY token_key");
  expect(rows).toMatchObject([{ ciphertext: "s1|lingxing:app-1|second" }, { ciphertext: "s1|lingxing:app-2|other" }]);
});

it("knows no token that was sealed with another secret", async () => {
  await store("s1").save("k", "t");
  expect(await store("s2").load("k")).toBeUndefined();
});

it("lets one at a time renew an account's token", async () => {
  const renewals: string[] = [];
  const renew = () =>
    store().withLock("k", async () => {
      const known = await store().load("k");
      if (known !== undefined) return known;
      renewals.push("renewed");
      await store().save("k", "fresh");
      return "fresh";
    });
  expect(await Promise.all([renew(), renew(), renew()])).toEqual(["fresh", "fresh", "fresh"]);
  expect(renewals).toEqual(["renewed"]);
});

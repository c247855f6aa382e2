import { describe, expect, it } from "vitest";
import { parseDsn } from "../../src/config/dsn.ts";
import { probeLockSharing } from "../../src/store/lock-probe.ts";
import { databaseBehind } from "../helpers/database-proxy.ts";
import { useStoreDatabase } from "./store-database.ts";

const database = await useStoreDatabase({ migrated: false });
const probe = (dsn: string) => probeLockSharing(parseDsn(dsn), new AbortController().signal);

describe("a lock held by one connection", () => {
  it("keeps the others out, who see its holder, and is free afterwards", async () => {
    const found = await probe(database.dsn);
    expect(found).toMatchObject({ kind: "tried", freeAfterwards: true });
    if (found.kind !== "tried") return;
    const [holder] = found.holderIds;
    expect(found.holderIds).toEqual([expect.stringMatching(/^\d+$/)]);
    expect(found.others.map(({ tookIt, sawHolder }) => ({ tookIt, sawHolder }))).toEqual(
      Array(4).fill({ tookIt: false, sawHolder: holder }),
    );
    expect(new Set(found.others.map(({ server }) => server)).size).toBe(1);
  });

  it("is not seen by those who land on another server", async () => {
    // Locks of another name are what locks of another server are: nobody's concern.
    const elsewhere = (text: string, connection: number) => (connection % 2 === 0 ? text : text.replaceAll("'ipass:", "'other:"));
    const found = await probe(await databaseBehind(database.dsn, { toServer: elsewhere }));
    expect(found).toMatchObject({ kind: "tried" });
    if (found.kind !== "tried") return;
    expect(found.others.filter(({ tookIt }) => tookIt)).not.toHaveLength(0);
    expect(found.others.filter(({ sawHolder }) => sawHolder === undefined)).not.toHaveLength(0);
  });

  it("leaves no connection behind", async () => {
    const connections = () => database.query("SELECT id FROM information_schema.processlist WHERE db = ?", [database.name]);
    await connections();
    const before = (await connections()).length;
    await probe(database.dsn);
    await expect.poll(async () => (await connections()).length).toBeLessThanOrEqual(before);
  });

  it("is refused in the words of a cluster that has none", async () => {
    const forbidden = (text: string) => text.replaceAll("GET_LOCK", "GET_LUCK");
    expect(await probe(await databaseBehind(database.dsn, { toServer: forbidden }))).toEqual({
      kind: "refused",
      reason: expect.stringContaining("GET_LUCK does not exist"),
    });
  });
});

it("ends, and closes what it has open, when it is told to", async () => {
  const end = new AbortController();
  const swallowing = (text: string) => {
    if (!text.includes("GET_LOCK")) return text;
    end.abort(new Error("time is up"));
    return "";
  };
  const silent = await databaseBehind(database.dsn, { toServer: swallowing });
  await expect(probeLockSharing(parseDsn(silent), end.signal)).rejects.toThrow();
});

it("fails as the connection failed", async () => {
  await expect(probeLockSharing({ ...database.config, port: 1 }, new AbortController().signal)).rejects.toMatchObject({
    code: "ECONNREFUSED",
  });
});

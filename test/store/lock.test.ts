import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LockLostError } from "../../src/errors.ts";
import { lockName, NamedLock, withNamedLock } from "../../src/store/lock.ts";
import { useStoreDatabase } from "./store-database.ts";

const database = await useStoreDatabase({ migrated: false });
const { config } = database;

/** A name of its own for each test: locks are the server's, and other test files run beside this one. */
let count = 0;
const aName = () => lockName(config.database, `test${count++}`);

async function acquired(name: string): Promise<NamedLock> {
  const { lock } = await NamedLock.acquire(config, name);
  if (lock === undefined) throw new Error(`${name} is held by somebody else`);
  return lock;
}
const isFree = async (name: string) =>
  Number((await database.query<{ free: number }>("SELECT IS_FREE_LOCK(?) AS free", [name]))[0]?.free) === 1;
/** The connection that holds it, closed by the server as a dead network or an administrator would. */
async function killHolder(name: string): Promise<void> {
  const [row] = await database.query<{ id: string | number }>("SELECT IS_USED_LOCK(?) AS id", [name]);
  await database.query("KILL ?", [Number(row?.id)]);
  while (!(await isFree(name)));
}

describe("a named lock", () => {
  it("is held by one connection at a time, and free again once that is disposed of", async () => {
    const name = aName();
    const first = await acquired(name);
    expect((await NamedLock.acquire(config, name)).lock).toBeUndefined();
    expect(await isFree(name)).toBe(false);
    await first[Symbol.asyncDispose]();
    await using second = await acquired(name);
    await second.assertHeld();
  });

  it("is free the moment it was given back, each time: the next command must not find it held", async () => {
    const name = aName();
    for (let round = 0; round < 100; round++) {
      const { lock } = await NamedLock.acquire(config, name);
      await lock?.[Symbol.asyncDispose]();
      expect([round, await isFree(name)]).toEqual([round, true]);
    }
  });

  it("leaves other names alone", async () => {
    await using one = await acquired(aName());
    await using other = await acquired(aName());
    await Promise.all([one.assertHeld(), other.assertHeld()]);
  });

  it("tells the database's clock, whether it is ours or not", async () => {
    const name = aName();
    const [before] = await database.query<{ now: Date }>("SELECT UTC_TIMESTAMP(3) AS now");
    const { lock, databaseNow } = await NamedLock.acquire(config, name);
    await using _held = lock as NamedLock;
    const refused = await NamedLock.acquire(config, name);
    const [after] = await database.query<{ now: Date }>("SELECT UTC_TIMESTAMP(3) AS now");
    const times = [before?.now, databaseNow, refused.databaseNow, after?.now].map((time) => time?.getTime());
    expect(times).toEqual([...times].sort());
  });

  it("waits its turn", async () => {
    const name = aName();
    const first = await acquired(name);
    const waiting = NamedLock.acquire(config, name, 10);
    // It stands in the queue before the lock is given up.
    for (;;) {
      const queue = await database.query("SELECT 1 FROM information_schema.processlist WHERE db = ? AND info LIKE 'SELECT GET_LOCK%'", [
        config.database,
      ]);
      if (queue.length > 0) break;
    }
    await first[Symbol.asyncDispose]();
    await using second = (await waiting).lock as NamedLock;
    await second.assertHeld();
  });

  it("is lost, and says so, when its connection is killed; somebody else may have it at once", async () => {
    const name = aName();
    const first = await acquired(name);
    await first.assertHeld();
    await killHolder(name);
    await using second = await acquired(name);
    await expect(first.assertHeld()).rejects.toBeInstanceOf(LockLostError);
    await expect(first.assertHeld()).rejects.toMatchObject({ exit: "database", message: `the lock ${name} was lost` });
    await second.assertHeld();
    await first[Symbol.asyncDispose]();
    await second.assertHeld();
  });

  it("can be disposed of twice, and is not held after that", async () => {
    const lock = await acquired(aName());
    await lock[Symbol.asyncDispose]();
    await lock[Symbol.asyncDispose]();
    await expect(lock.assertHeld()).rejects.toBeInstanceOf(LockLostError);
  });

  it("leaves no connection behind when it was refused", async () => {
    const name = aName();
    await using _held = await acquired(name);
    const connections = async () =>
      (await database.query("SELECT id FROM information_schema.processlist WHERE db = ?", [config.database])).length;
    const before = await connections();
    for (let tries = 0; tries < 5; tries++) expect((await NamedLock.acquire(config, name)).lock).toBeUndefined();
    while ((await connections()) > before);
    expect(await connections()).toBeLessThanOrEqual(before);
  });

  it("that cannot be asked for fails as the connection failed", async () => {
    await expect(NamedLock.acquire({ ...config, port: 1 }, aName())).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });
});

describe("a race for a lock", () => {
  /** More on demand (LOCK_RACES=10000): what a race may show, it shows seldom. */
  const RACES = Number(process.env.LOCK_RACES ?? 1000);
  const RUNNERS = 6;
  const KILLED_EVERY = 10;

  it(`has one winner at a time, ${RACES} times over, also where the winner's connection is killed`, {
    timeout: 20_000 + RACES * 100,
  }, async () => {
    const name = aName();
    /** Whoever has the lock and has not begun to give it back; whose connection is killed has it no more. */
    const holding = new Set<NamedLock>();
    let races = 0;
    const runner = async (_: unknown, place: number) => {
      while (races < RACES) {
        const { lock } = await NamedLock.acquire(config, name, place === 0 ? 0 : 1); // one is refused, the others stand in line

        if (lock === undefined) continue;
        races += 1;
        expect(holding.size, `race ${races}: another one holds it`).toBe(0);
        holding.add(lock);
        await lock.assertHeld();
        const killed = races % KILLED_EVERY === 0;
        holding.delete(lock);
        if (killed) {
          const [row] = await database.query<{ id: string | number }>("SELECT IS_USED_LOCK(?) AS id", [name]);
          await database.query("KILL ?", [Number(row?.id)]);
          await expect(lock.assertHeld(), `race ${races}: nobody who lost it believes to have it`).rejects.toBeInstanceOf(LockLostError);
        }
        await lock[Symbol.asyncDispose]();
      }
    };
    await Promise.all(Array.from({ length: RUNNERS }).map(runner));
    expect(races).toBeGreaterThanOrEqual(RACES);
    expect(await isFree(name)).toBe(true);
  });
});

describe("withNamedLock", () => {
  it("runs work alone, hands out its result, and frees the lock", async () => {
    let inside = 0;
    let most = 0;
    const work = async () => {
      most = Math.max(most, ++inside);
      await database.query("SELECT SLEEP(0.01)");
      inside--;
      return "done";
    };
    expect(await Promise.all([1, 2, 3].map(() => withNamedLock(config, "w", 20, work)))).toEqual(["done", "done", "done"]);
    expect(most).toBe(1);
    expect(await isFree(lockName(config.database, "w"))).toBe(true);
  });

  it("frees the lock when the work fails", async () => {
    await expect(withNamedLock(config, "w", 0, () => Promise.reject(new TypeError("x")))).rejects.toBeInstanceOf(TypeError);
    expect(await isFree(lockName(config.database, "w"))).toBe(true);
  });

  it("waits no longer than whoever asked does, and does not begin the work", async () => {
    await using _held = await acquired(lockName(config.database, "w"));
    const end = new AbortController();
    const asked = withNamedLock(config, "w", 3_600, () => Promise.reject(new Error("begun")), end.signal);
    end.abort(new Error("the pass ends"));
    await expect(asked).rejects.toThrow("the pass ends");
  });

  it("says what it waited for when its turn does not come", async () => {
    const name = lockName(config.database, "w");
    await using _held = await acquired(name);
    await expect(withNamedLock(config, "w", 0, async () => undefined)).rejects.toMatchObject({
      exit: "database",
      message: `waited 0 s for the lock ${name}`,
    });
  });
});

describe("lockName", () => {
  it.each([
    { database: "ipass", what: "ack_to_dsco", name: "ipass:ipass:ack_to_dsco" },
    { database: "IPass_Prod", what: "token:A", name: "ipass:ipass_prod:token:a" },
    { database: "x".repeat(64 - 18), what: "ack_to_dsco", name: `ipass:${"x".repeat(46)}:ack_to_dsco` },
  ])("$database, $what", ({ database: schema, what, name }) => {
    expect(lockName(schema, what)).toBe(name);
  });

  it("hashes a database name that would make it too long, or that is not plain letters", () => {
    for (const schema of ["x".repeat(47), "数据库"]) expect(lockName(schema, "ack_to_dsco")).toMatch(/^ipass:[0-9a-f]{16}:ack_to_dsco$/);
    expect(lockName("x".repeat(47), "w")).not.toBe(lockName("x".repeat(48), "w"));
    expect(lockName("x".repeat(64), "a")).not.toBe(lockName("x".repeat(64), "b"));
  });

  it("is the same lock however the case of the database's name is written: some servers do not tell them apart", () => {
    for (const length of [10, 64]) expect(lockName("X".repeat(length), "w")).toBe(lockName("x".repeat(length), "w"));
  });

  it("always fits, always lower case and printable, and differs with the database and with what", () => {
    const name = fc.string({ minLength: 1, maxLength: 64 });
    fc.assert(
      fc.property(name, name, name, (one, other, what) => {
        expect(lockName(one, what)).toMatch(/^[\x20-\x40\x5b-\x7e]{1,64}$/);
        expect(lockName(one, what) === lockName(other, what)).toBe(one.toLowerCase() === other.toLowerCase());
      }),
    );
  });
});

import { EventEmitter, once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { DatabaseError, LostRowError, UsageError } from "../../src/errors.ts";
import {
  clip,
  type Db,
  errorCode,
  inTransaction,
  isDuplicate,
  openDatabase,
  placeholders,
  select,
  toDatabaseError,
  write,
} from "../../src/store/db.ts";
import { useStoreDatabase } from "./store-database.ts";

const database = await useStoreDatabase();
const { db } = database;

async function errorOf(work: Promise<unknown>): Promise<Error> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Error)) throw new Error("it did not fail");
  return error;
}

describe("a connection of ours", () => {
  it("speaks UTC on both sides, to the millisecond", async () => {
    const at = new Date("2026-03-29T01:30:00.123Z"); // does not exist in much of Europe
    const [row] = await select<{ zone: string; at: Date; same: number | string }>(
      db,
      "SELECT @@session.time_zone AS zone, CAST(? AS DATETIME(3)) AS at, NOW() = UTC_TIMESTAMP() AS same",
      [at],
    );
    expect({ ...row, same: Number(row?.same) }).toEqual({ zone: "+00:00", at, same: 1 }); // MySQL calls 1 a BIGINT, MariaDB an INT
  });

  it("keeps numbers beyond 2^53 and JSON as text, and takes any letter", async () => {
    const [row] = await select(db, "SELECT 9007199254740993 AS big, '\u{1F69A} 中文 \\'' AS text, ? AS bound", ["\u{1F4E6}?"]);
    expect(row).toEqual({ big: "9007199254740993", text: "\u{1F69A} 中文 '", bound: "\u{1F4E6}?" });
  });

  it("counts the rows a write matched, not those it changed", async () => {
    await write(db, "INSERT INTO job_watermark (job_name, watermark) VALUES ('a', 'x'), ('b', 'y')");
    expect(await write(db, "UPDATE job_watermark SET watermark = 'x'")).toBe(2);
  });
});

describe("a server that does not answer any more", () => {
  const pools: Db[] = [];
  const patient = (silenceMs: number) => {
    const pool = openDatabase(database.config, { silenceMs });
    pools.push(pool);
    return pool;
  };
  afterAll(() => Promise.all(pools.map((pool) => pool.destroy())));

  it("counts as lost after a while, and the next statement has a connection of its own", async () => {
    const pool = patient(200);
    const [before] = await select<{ id: string }>(pool, "SELECT CONNECTION_ID() AS id");
    const told = toDatabaseError(await errorOf(select(pool, "SELECT SLEEP(30)")));
    expect(told?.message).toBe("the database cannot be reached (ETIMEDOUT)");
    const [after] = await select<{ id: string }>(pool, "SELECT CONNECTION_ID() AS id");
    expect(after?.id).not.toBe(before?.id);
  });

  it("ends no more than a connection that nobody uses", async () => {
    const pool = patient(100);
    const [before] = await select<{ id: string }>(pool, "SELECT CONNECTION_ID() AS id");
    for (;;) {
      const open = await database.query("SELECT 1 FROM information_schema.processlist WHERE id = ?", [before?.id]);
      if (open.length === 0) break;
    }
    expect(await select(pool, "SELECT 1 AS one")).toHaveLength(1);
  });

  it("is waited for where it may take its time", async () => {
    expect(await select(patient(0), "SELECT SLEEP(0.5) AS slept")).toHaveLength(1);
  });
});

describe("inTransaction", () => {
  const insert = (trx: Db, job: string) => write(trx, "INSERT INTO job_watermark (job_name, watermark) VALUES (?, 'x')", [job]);
  const jobs = async () =>
    (await database.query<{ job_name: string }>("SELECT job_name FROM job_watermark ORDER BY 1")).map((row) => row.job_name);

  beforeEach(async () => {
    for (const job of ["one", "two"]) await insert(db, job);
  });

  /** Two transactions that take the same two rows in opposite order: the server ends one of them. */
  async function deadlock(first: (work: (trx: Db) => Promise<void>) => Promise<unknown>) {
    let tries = 0;
    const race = new EventEmitter();
    const bothHoldOne = once(race, "both hold one");
    const rival = await db.transaction();
    await rival.raw("UPDATE job_watermark SET watermark = 'rival' WHERE job_name = 'two'");
    // Heavier, so that the server picks the other one as its victim.
    for (let row = 0; row < 20; row++) await insert(rival, `rival ${row}`);
    const mine = first(async (trx) => {
      tries++;
      await insert(trx, `mine ${tries}`);
      await write(trx, "UPDATE job_watermark SET watermark = 'mine' WHERE job_name = 'one'");
      race.emit("both hold one");
      await write(trx, "UPDATE job_watermark SET watermark = 'mine' WHERE job_name = 'two'");
    });
    await bothHoldOne;
    await database.untilBlocked();
    await rival.raw("UPDATE job_watermark SET watermark = 'rival' WHERE job_name = 'one'");
    await rival.commit();
    await mine;
    return tries;
  }

  it("runs again after a deadlock, with nothing left of the first try", async () => {
    expect(await deadlock((work) => inTransaction(db, work))).toBe(2);
    expect((await jobs()).filter((job) => job.startsWith("mine"))).toEqual(["mine 2"]);
  });

  it("inside another, runs the outer one again: the server has undone all of it", async () => {
    let outer = 0;
    const tries = await deadlock((work) =>
      inTransaction(db, async (trx) => {
        outer++;
        await insert(trx, `outer ${outer}`);
        await inTransaction(trx, work);
      }),
    );
    expect({ tries, outer }).toEqual({ tries: 2, outer: 2 });
    expect((await jobs()).filter((job) => /mine|outer/.test(job))).toEqual(["mine 2", "outer 2"]);
  });

  it("inside another, is undone with it", async () => {
    const error = await errorOf(
      inTransaction(db, async (trx) => {
        await inTransaction(trx, (inner) => insert(inner, "inner"));
        throw new UsageError("no", "no");
      }),
    );
    expect(error).toBeInstanceOf(UsageError);
    expect(await jobs()).toEqual(["one", "two"]);
  });

  it("is not needed for one statement: write runs it again after a deadlock by itself", async () => {
    const rival = await db.transaction();
    await rival.raw("UPDATE job_watermark SET watermark = 'rival' WHERE job_name = 'two'");
    for (let row = 0; row < 20; row++) await insert(rival, `rival ${row}`);
    const mine = write(db, "UPDATE job_watermark SET watermark = 'mine' WHERE job_name IN ('one', 'two') ORDER BY job_name");
    await database.untilBlocked();
    await rival.raw("UPDATE job_watermark SET watermark = 'rival' WHERE job_name = 'one'");
    await rival.commit();
    expect(await mine).toBe(2);
    expect(await select(db, "SELECT watermark FROM job_watermark WHERE job_name IN ('one', 'two')")).toEqual(
      Array(2).fill({ watermark: "mine" }),
    );
  });

  it("leaves a deadlock inside it to whoever opened it: one statement alone must not go on without the others", async () => {
    let tries = 0;
    const inside = {
      isTransaction: true,
      raw: async () => {
        tries++;
        throw Object.assign(new Error("x"), { code: "ER_LOCK_DEADLOCK" });
      },
    };
    expect(errorCode(await errorOf(write(inside as unknown as Db, "UPDATE job_watermark SET watermark = 'x'")))).toBe("ER_LOCK_DEADLOCK");
    expect(tries).toBe(1);
  });

  it("gives up on a conflict that does not end", async () => {
    let tries = 0;
    const error = await errorOf(
      inTransaction(db, async () => {
        tries++;
        throw Object.assign(new Error("x"), { code: "ER_LOCK_DEADLOCK" });
      }),
    );
    expect(errorCode(error)).toBe("ER_LOCK_DEADLOCK");
    expect(tries).toBe(4);
  });

  it("does not repeat any other failure, and leaves nothing behind", async () => {
    let tries = 0;
    const error = await errorOf(
      inTransaction(db, async (trx) => {
        tries++;
        await insert(trx, "three");
        await insert(trx, "one");
      }),
    );
    expect(isDuplicate(error)).toBe(true);
    expect(tries).toBe(1);
    expect(await jobs()).toEqual(["one", "two"]);
  });

  it("hands out what the work returned", async () => {
    expect(await inTransaction(db, async () => 42)).toBe(42);
  });
});

describe("toDatabaseError", () => {
  it("says what to do when the schema is older than the program", async () => {
    for (const sql of ["SELECT 1 FROM no_such_table", "SELECT no_such_column FROM job_run"]) {
      const told = toDatabaseError(await errorOf(select(db, sql)));
      expect(told).toMatchObject({ exit: "database", nextStep: "run: ipass migrate" });
    }
  });

  it("holds nothing of the statement or its values", async () => {
    const row = ["dup", "Ann Lee, 1 Main St"];
    await write(db, "INSERT INTO job_watermark (job_name, watermark) VALUES (?, ?)", row);
    const errors = [
      await errorOf(write(db, "INSERT INTO job_watermark (job_name, watermark) VALUES (?, ?)", row)),
      await errorOf(write(db, "INSERT INTO job_watermark (job_name, watermark) VALUES (?, ?)", ["Ann Lee".repeat(20), "x"])),
      await errorOf(select(db, "SELECT 'Ann Lee' FROM WHERE", [])),
      await errorOf(write(db, "INSERT INTO sync_order_state (dsco_order_id, ship_by_date) VALUES ('1', ?)", ["Ann Lee"])),
    ];
    for (const error of errors) {
      expect(error.message).toMatch(/Ann Lee/); // or the test shows nothing
      const told = toDatabaseError(error);
      expect(told).toBeInstanceOf(DatabaseError);
      expect(told?.message).toMatch(/^database: ER_\w+ \(errno \d+\)$/);
      const everything = [told?.message, told?.stack, String(told?.cause), JSON.stringify(told), told?.nextStep].join(" ");
      expect(everything).not.toMatch(/Ann|Main St|INSERT|SELECT/);
    }
  });

  it("lets our own errors through, and knows nothing of others", async () => {
    const own = new UsageError("no", "no");
    expect(toDatabaseError(own)).toBe(own);
    expect(toDatabaseError(new TypeError("x is not a function"))).toBeUndefined();
    expect(toDatabaseError("text")).toBeUndefined();
    expect(toDatabaseError(undefined)).toBeUndefined();
    expect(toDatabaseError(await errorOf(readFile("/no/such/file")))).toBeUndefined();
  });

  describe("when there is nobody to talk to", () => {
    const pools: Db[] = [];
    const reach = async (given: Partial<typeof database.config>) => {
      const pool = openDatabase({ ...database.config, ...given });
      pools.push(pool);
      return toDatabaseError(await errorOf(select(pool, "SELECT 1")));
    };
    let hangsUp = 0;
    const silent = createServer((socket) => socket.destroy());
    beforeAll(async () => {
      await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
      const address = silent.address();
      hangsUp = typeof address === "object" && address !== null ? address.port : 0;
    });
    afterAll(async () => {
      await Promise.all(pools.map((pool) => pool.destroy()));
      await new Promise((resolve) => silent.close(resolve));
    });

    it.each([
      { name: "a refused connection", given: { host: "127.0.0.1", port: 1 }, message: "the database cannot be reached (ECONNREFUSED)" },
      {
        name: "no such host",
        given: { host: "no-such-host.invalid" },
        message: /^the database cannot be reached \((ENOTFOUND|EAI_AGAIN)\)$/,
      },
      { name: "no such socket", given: { socketPath: "/no/such.sock" }, message: "the database cannot be reached (ENOENT)" },
      { name: "no such database", given: { database: "no_such_db" }, message: "the database refuses us (ER_BAD_DB_ERROR)" },
      { name: "a wrong password", given: { password: "wrong" }, message: "the database refuses us (ER_ACCESS_DENIED_ERROR)" },
    ])("$name", async ({ given, message }) => {
      const told = await reach(given);
      expect(told).toMatchObject({ exit: "database", message: typeof message === "string" ? message : expect.stringMatching(message) });
    });

    it("a server that hangs up", async () => {
      expect(await reach({ host: "127.0.0.1", port: hangsUp })).toMatchObject({
        message: "the database cannot be reached (PROTOCOL_CONNECTION_LOST)",
      });
    });
  });

  describe("a connection killed inside a transaction", () => {
    const killOwn = async (trx: Db) => {
      const [session] = await select<{ id: number }>(trx, "SELECT CONNECTION_ID() AS id");
      const id = Number(session?.id);
      await database.query("KILL ?", [id]);
      while ((await database.query("SELECT 1 FROM information_schema.processlist WHERE id = ?", [id])).length > 0);
    };

    it.each<[string, (trx: Db) => Promise<unknown>]>([
      ["before a statement", (trx) => killOwn(trx).then(() => select(trx, "SELECT 1"))],
      ["before the commit", killOwn],
    ])("%s is the database's fault", async (_when, work) => {
      const told = toDatabaseError(await errorOf(inTransaction(database.anotherPool(), work)));
      expect(told).toMatchObject({ exit: "database", message: expect.stringMatching(/^the database cannot be reached/) });
    });

    it("does not hide why the work has ended", async () => {
      const lost = inTransaction(database.anotherPool(), async (trx) => {
        await killOwn(trx);
        throw new LostRowError(["1"], "push");
      });
      expect(await errorOf(lost)).toBeInstanceOf(LostRowError);
    });
  });

  it("a connection killed under a query; the next query has a new one", async () => {
    const pool = database.anotherPool();
    const [session] = await select<{ id: number }>(pool, "SELECT CONNECTION_ID() AS id");
    const slow = errorOf(select(pool, "SELECT SLEEP(10)"));
    await database.query("KILL ?", [Number(session?.id)]);
    expect(toDatabaseError(await slow)).toBeInstanceOf(DatabaseError);
    expect(await select(pool, "SELECT 'here' AS who")).toEqual([{ who: "here" }]);
  });
});

describe("clip", () => {
  it.each([
    { text: "", length: 5, clipped: "" },
    { text: "12345", length: 5, clipped: "12345" },
    { text: "123456", length: 5, clipped: "1234…" },
    { text: "\u{1F4E6}\u{1F4E6}\u{1F4E6}", length: 3, clipped: "\u{1F4E6}\u{1F4E6}\u{1F4E6}" },
    { text: "\u{1F4E6}\u{1F4E6}\u{1F4E6}", length: 2, clipped: "\u{1F4E6}…" },
  ])("$text to $length characters", ({ text, length, clipped }) => {
    expect(clip(text, length)).toBe(clipped);
  });

  it("fits, says that it cut, and cuts no letter in two", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 40 }), fc.integer({ min: 1, max: 20 }), (text, length) => {
        const clipped = clip(text, length);
        const letters = Array.from(text);
        if (letters.length <= length) return clipped === text;
        return Array.from(clipped).length === length && clipped.endsWith("…") && text.startsWith(clipped.slice(0, -1));
      }),
    );
  });
});

it("placeholders is one group per row", () => {
  expect(placeholders(2, 3)).toBe("(?, ?, ?), (?, ?, ?)");
});

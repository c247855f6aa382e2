import { beforeEach, describe, expect, it } from "vitest";
import { inTransaction } from "../../src/store/db.ts";
import { OrderStore } from "../../src/store/order-store.ts";
import { type Claim, StageClaims } from "../../src/store/stage-claims.ts";
import { type Outcome, toStageChange } from "../../src/sync/outcome.ts";
import { STAGES, type Stage } from "../../src/sync/stage.ts";
import { addOrderRow, aStageState } from "../helpers/builders.ts";
import { useStoreDatabase } from "./store-database.ts";

const database = await useStoreDatabase();
const { db } = database;
const store = new StageClaims(db);

const SENT = new Date("2026-01-05T08:00:00.123Z");
const GRACE = new Date("2026-01-05T08:05:00.123Z");
const LATER = new Date("2026-01-05T09:00:00Z");
const MINE = "9007199254740993";
const THEIRS = "9007199254740992"; // the same as MINE for whoever compares as floating point

type Row = Record<string, unknown>;
const add = (id: string, columns: Row = {}) => addOrderRow(database, { dsco_order_id: id, ...columns });
const row = async (id: string): Promise<Row> =>
  (await database.query("SELECT * FROM sync_order_state WHERE dsco_order_id = ?", [id]))[0] ?? {};
const claim = (id: string, fixed: Partial<Claim> = {}): Claim => ({
  id,
  platformOrderNo: id,
  storeId: "110000000000000001",
  fingerprint: "f",
  ...fixed,
});
const claimAll = (stage: Stage, claims: readonly Claim[], runId = MINE) => store.claim(stage, claims, runId, SENT, GRACE);
const inFlight = (runId: string, rest: Row = {}) => ({
  push_status: 9,
  push_run_id: runId,
  push_sent_at: SENT,
  push_next_attempt_at: GRACE,
  ...rest,
});

describe("claim", () => {
  it.each(STAGES)("%s: state before effect, and nothing else of the row", async (stage) => {
    await add("A", { [`${stage}_status`]: 2, [`${stage}_retry_count`]: 2, [`${stage}_doubts`]: 1 });
    expect(await claimAll(stage, [claim("A")])).toEqual(new Set(["A"]));
    const claimed = await row("A");
    expect(claimed).toMatchObject({
      [`${stage}_status`]: 9,
      [`${stage}_at`]: SENT,
      [`${stage}_sent_at`]: SENT,
      [`${stage}_run_id`]: MINE,
      [`${stage}_next_attempt_at`]: GRACE,
      [`${stage}_retry_count`]: 2,
      [`${stage}_doubts`]: 1,
      [`${stage}_hold`]: null,
      platform_order_no: "A",
      store_id: "110000000000000001",
      fingerprint: "f",
    });
    for (const other of STAGES.filter((name) => name !== stage))
      expect(claimed).toMatchObject({ [`${other}_status`]: 0, [`${other}_run_id`]: null });
  });

  it.each([
    { name: "waiting", columns: {}, owned: true },
    { name: "failed", columns: { push_status: 2 }, owned: true },
    { name: "a person let it go on", columns: { cancel_requested: 2 }, owned: true },
    { name: "done meanwhile", columns: { push_status: 1 }, owned: false },
    { name: "held meanwhile", columns: { push_status: 3 }, owned: false },
    { name: "closed meanwhile", columns: { push_status: 4 }, owned: false },
    { name: "in flight with another run", columns: inFlight(THEIRS), owned: false },
    { name: "in flight with this run already: never sent twice", columns: inFlight(MINE, { push_sent_at: LATER }), owned: false },
    { name: "cancelled meanwhile", columns: { dsco_status: "cancelled" }, owned: false },
    { name: "asked to cancel meanwhile", columns: { cancel_requested: 1 }, owned: false },
  ])("$name: ours = $owned", async ({ columns, owned }) => {
    await add("A", columns);
    await add("B");
    const before = await row("A");
    expect(await claimAll("push", [claim("A"), claim("B")])).toEqual(new Set(owned ? ["A", "B"] : ["B"]));
    if (!owned) expect(await row("A")).toEqual(before);
  });

  it("knows nothing of an order that is not there", async () => {
    await add("A");
    expect(await claimAll("push", [claim("A"), claim("nobody")])).toEqual(new Set(["A"]));
    expect(await claimAll("push", [claim("nobody")])).toEqual(new Set());
    expect(await claimAll("push", [])).toEqual(new Set());
  });

  it("fixes number and store once and for all, and the fingerprint of what is sent each time", async () => {
    await add("A");
    await claimAll("push", [claim("A", { platformOrderNo: "PO-1", storeId: "1", fingerprint: "first" })]);
    await database.query("UPDATE sync_order_state SET push_status = 0");
    await claimAll("push", [claim("A", { platformOrderNo: "PO-2", storeId: "2", fingerprint: "second" })]);
    expect(await row("A")).toMatchObject({ platform_order_no: "PO-1", store_id: "1", fingerprint: "second" });
  });

  it("a second order with the number of another is refused by the table itself", async () => {
    await add("A");
    await add("B");
    await claimAll("push", [claim("A", { platformOrderNo: "PO-1" })]);
    await expect(claimAll("push", [claim("B", { platformOrderNo: "PO-1" })])).rejects.toMatchObject({ code: "ER_DUP_ENTRY" });
    expect(await row("B")).toMatchObject({ push_status: 0, push_sent_at: null });
    expect(await claimAll("push", [claim("B", { platformOrderNo: "po-1" })])).toEqual(new Set(["B"]));
  });

  it("takes each order for one of two runs that claim at the same moment", async () => {
    const ids = Array.from({ length: 60 }, (_, n) => `O${n}`);
    for (const id of ids) await add(id);
    const other = new StageClaims(database.anotherPool());
    const [mine, theirs] = await Promise.all([
      claimAll(
        "push",
        ids.map((id) => claim(id)),
      ),
      other.claim(
        "push",
        ids.toReversed().map((id) => claim(id)),
        THEIRS,
        SENT,
        GRACE,
      ),
    ]);
    expect([...mine, ...theirs].sort()).toEqual([...ids].sort());
    for (const id of mine) expect(await row(id)).toMatchObject({ push_run_id: MINE });
  });

  it("of many batches at once, among many waiting orders, loses none to a deadlock", async () => {
    const ids = Array.from({ length: 1000 }, (_, n) => `O${String((n * 7919) % 1000).padStart(4, "0")}`);
    await database.query("INSERT INTO sync_order_state (dsco_order_id, dsco_status) VALUES ?", [ids.map((id) => [id, "created"])]);
    const batches = Array.from({ length: 20 }, (_, n) => ids.slice(n * 50, n * 50 + 50));
    const owned = await Promise.all(
      batches.map((batch) =>
        claimAll(
          "push",
          batch.map((id) => claim(id)),
        ),
      ),
    );
    expect(owned.map((set) => set.size)).toEqual(Array(20).fill(50));
  });

  it("takes a thousand in one statement", async () => {
    const ids = Array.from({ length: 1000 }, (_, n) => `O${n}`);
    await database.query("INSERT INTO sync_order_state (dsco_order_id, dsco_status) VALUES ?", [ids.map((id) => [id, "created"])]);
    expect(
      (
        await claimAll(
          "ack",
          ids.map((id) => ({ id })),
        )
      ).size,
    ).toBe(1000);
  });
});

describe("renewClaim", () => {
  it("starts the grace anew for rows that are all ours", async () => {
    await add("A", inFlight(MINE));
    await add("B", inFlight(MINE));
    expect(await store.renewClaim("push", ["A", "B"], MINE, LATER, LATER)).toBe(true);
    expect(await row("B")).toMatchObject({ push_status: 9, push_sent_at: LATER, push_next_attempt_at: LATER, push_run_id: MINE });
  });

  it("says so when the same values are written again: matched counts, not changed", async () => {
    await add("A", inFlight(MINE));
    expect(await store.renewClaim("push", ["A"], MINE, SENT, GRACE)).toBe(true);
  });

  it.each([
    { name: "another run took it over", columns: inFlight(THEIRS) },
    { name: "its outcome was recorded", columns: { push_status: 1, push_run_id: MINE } },
  ])("is false when $name", async ({ columns }) => {
    await add("A", columns);
    await add("B", inFlight(MINE));
    const before = await row("A");
    expect(await store.renewClaim("push", ["A", "B"], MINE, LATER, LATER)).toBe(false);
    expect(await row("A")).toEqual(before);
  });
});

describe("takeOver", () => {
  const flying = () => new OrderStore(db).inFlight("push", { after: "", limit: 100 });

  beforeEach(async () => {
    await add("A", inFlight(THEIRS));
    await add("B", inFlight(THEIRS));
    await add("C", { push_status: 9, push_run_id: null }); // a row from before run ids, or set by hand
    await add("D");
  });

  it("makes rows of a dead run ours, their grace untouched", async () => {
    expect(await store.takeOver("push", await flying(), MINE)).toEqual(new Set(["A", "B", "C"]));
    expect(await row("A")).toMatchObject({ push_status: 9, push_run_id: MINE, push_sent_at: SENT, push_next_attempt_at: GRACE });
  });

  it("lets only one of two gain a row they both saw", async () => {
    const seen = await flying();
    const other = new StageClaims(database.anotherPool());
    const [mine, theirs] = await Promise.all([store.takeOver("push", seen, MINE), other.takeOver("push", seen, "9007199254740994")]);
    expect([...mine, ...theirs].sort()).toEqual(["A", "B", "C"]);
    expect(await store.takeOver("push", seen, "7")).toEqual(new Set());
  });

  it("leaves a row alone that settled meanwhile, or that a third run gained", async () => {
    const seen = await flying();
    await database.query("UPDATE sync_order_state SET push_status = 1 WHERE dsco_order_id = 'A'");
    await database.query("UPDATE sync_order_state SET push_run_id = 8 WHERE dsco_order_id = 'B'");
    expect(await store.takeOver("push", seen, MINE)).toEqual(new Set(["C"]));
    expect(await row("A")).toMatchObject({ push_status: 1, push_run_id: THEIRS });
    expect(await row("B")).toMatchObject({ push_run_id: "8" });
  });

  it("keeps what is ours already", async () => {
    await store.takeOver("push", await flying(), MINE);
    expect(await store.takeOver("push", await flying(), MINE)).toEqual(new Set(["A", "B", "C"]));
  });

  it("of nothing is nothing", async () => {
    expect(await store.takeOver("push", [], MINE)).toEqual(new Set());
  });
});

describe("noteDoubt", () => {
  it("writes the reason to rows that are ours, cut to the column, and leaves them in flight", async () => {
    await add("A", inFlight(MINE));
    await add("B", inFlight(THEIRS));
    await store.noteDoubt("push", ["A", "B"], MINE, `time-out ${"\u{1F4E6}".repeat(2000)}`);
    const noted = await row("A");
    expect(noted).toMatchObject({ push_status: 9, push_next_attempt_at: GRACE });
    expect(Array.from(String(noted.push_error))).toHaveLength(1000);
    expect(await row("B")).toMatchObject({ push_error: null });
  });
});

describe("applyChanges", () => {
  const NOW = LATER;
  const RULES = { maxRetryPerOrder: 5 };
  const apply = (outcomes: Record<string, Outcome>, runId: string | undefined, stage: Stage = "push") =>
    store.applyChanges(
      stage,
      new Map(
        Object.entries(outcomes).map(([id, outcome]) => [id, toStageChange(stage, aStageState({ requestId: "r" }), outcome, RULES, NOW)]),
      ),
      NOW,
      runId,
    );
  const done: Outcome = { to: "done", how: "sent", globalOrderNo: "103336708973801473" };
  const failed: Outcome = { to: "failed", charge: true, error: "x".repeat(3000) };
  const person: Outcome = { to: "manual", type: "bad_payload", cause: "missing city", nextStep: "ask" };

  it("writes different outcomes in one statement, each row its own", async () => {
    for (const id of ["A", "B", "C", "D"]) await add(id, inFlight(MINE, { lingxing_global_order_no: id === "B" ? "old" : null }));
    const matched = await apply({ A: done, B: failed, C: person, D: { to: "resend" } }, MINE);
    expect(matched).toBe(4);
    expect(await row("A")).toMatchObject({
      push_status: 1,
      push_at: NOW,
      lingxing_global_order_no: "103336708973801473",
      push_error: null,
      push_next_attempt_at: null,
      push_request_id: "r",
    });
    const b = await row("B");
    expect(b).toMatchObject({
      push_status: 2,
      push_retry_count: 1,
      push_next_attempt_at: new Date(NOW.getTime() + 60_000),
      lingxing_global_order_no: "old",
    });
    expect(String(b.push_error)).toHaveLength(1000);
    expect(await row("C")).toMatchObject({
      push_status: 3,
      push_hold: "bad_payload",
      push_error: "missing city",
      push_next_attempt_at: null,
    });
    expect(await row("D")).toMatchObject({ push_status: 0, push_doubts: 0, push_next_attempt_at: null });
  });

  it("never clears when a request left, nor whose it was", async () => {
    await add("A", inFlight(MINE));
    await apply({ A: { to: "resend" } }, MINE);
    expect(await row("A")).toMatchObject({ push_status: 0, push_sent_at: SENT, push_run_id: MINE });
  });

  it("changes `_at` with the status and only with it", async () => {
    const earlier = new Date("2026-01-01T00:00:00Z");
    await add("A", { push_status: 2, push_at: earlier });
    await add("B", { push_status: 0, push_at: earlier });
    await add("C", { push_status: 0, push_at: null });
    await apply({ A: failed, B: failed, C: person }, undefined);
    expect(await row("A")).toMatchObject({ push_status: 2, push_at: earlier });
    expect(await row("B")).toMatchObject({ push_status: 2, push_at: NOW });
    expect(await row("C")).toMatchObject({ push_status: 3, push_at: NOW });
  });

  it.each([
    { name: "in flight with another run", columns: inFlight(THEIRS), run: MINE },
    { name: "in flight with a run whose id differs only beyond 2^53", columns: inFlight("9007199254740992"), run: "9007199254740993" },
    { name: "not in flight", columns: { push_status: 0, push_run_id: MINE }, run: MINE },
    { name: "held by the cancel rule meanwhile", columns: { push_status: 4, push_run_id: MINE }, run: MINE },
    { name: "in flight, and we claimed nothing", columns: inFlight(MINE), run: undefined },
    { name: "done, and we claimed nothing", columns: { push_status: 1 }, run: undefined },
    { name: "with a person, and we claimed nothing", columns: { push_status: 3 }, run: undefined },
  ])("does not touch a row $name, and the count tells", async ({ columns, run }) => {
    await add("A", columns);
    await add("B", run === undefined ? {} : inFlight(MINE));
    const before = await row("A");
    expect(await apply({ A: done, B: done }, run)).toBe(1);
    expect(await row("A")).toEqual(before);
    expect(await row("B")).toMatchObject({ push_status: 1 });
  });

  it("counts a row to which nothing changes", async () => {
    await add("A", { push_request_id: "r" });
    expect(await apply({ A: { to: "unsent" } }, undefined)).toBe(1);
    expect(await apply({ A: { to: "unsent" } }, undefined)).toBe(1);
  });

  it("is undone with its transaction", async () => {
    await add("A", inFlight(MINE));
    const change = toStageChange("push", aStageState(), done, RULES, NOW);
    const work = inTransaction(db, async (trx) => {
      await new StageClaims(trx).applyChanges("push", new Map([["A", change]]), NOW, MINE);
      throw new Error("lost a row");
    });
    await expect(work).rejects.toThrow("lost a row");
    expect(await row("A")).toMatchObject({ push_status: 9 });
  });

  it.each(STAGES)("writes to the columns of %s and of no other stage", async (stage) => {
    await add("A", { [`${stage}_status`]: 9, [`${stage}_run_id`]: MINE });
    const before = await row("A");
    await apply({ A: failed }, MINE, stage);
    const after = await row("A");
    const changed = Object.keys(after).filter(
      (column) => column !== "updated_at" && JSON.stringify(after[column]) !== JSON.stringify(before[column]),
    );
    expect(changed.length).toBeGreaterThan(3);
    for (const column of changed) expect(column.startsWith(`${stage}_`)).toBe(true);
  });
});

describe("ownersOf", () => {
  it("names the owners of numbers, by store, to the letter", async () => {
    await add("A", { store_id: "110000000000000001", platform_order_no: "PO-1" });
    await add("B", { store_id: "110000000000000002", platform_order_no: "PO-1" });
    const number = (storeId: string, platformOrderNo: string) => ({ storeId, platformOrderNo });
    const owners = await new OrderStore(db).ownersOf([
      number("110000000000000001", "PO-1"),
      number("110000000000000002", "po-1"),
      number("110000000000000003", "PO-1"),
    ]);
    expect(owners).toEqual(new Map([["110000000000000001\0PO-1", "A"]]));
    expect(await new OrderStore(db).ownersOf([])).toEqual(new Map());
  });
});

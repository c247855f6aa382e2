import { beforeEach, describe, expect, it } from "vitest";
import { ACK, aLine, INVOICE, PULL, PUSH, SHIP, WayBack } from "../jobs/way-back-world.ts";
import { useShell } from "./shell.ts";

const shell = await useShell();
const { world } = shell;
const life = new WayBack(world);

interface Purged {
  readonly purged: number;
  readonly older_than_days: number;
  readonly dry_run: boolean;
}
const purge = (...args: readonly string[]) => shell.json<Purged>("purge", ...args);

/** Everything about these orders happened so many days earlier, or everything about all of them. */
async function daysPass(days: number): Promise<void> {
  await life.later(days * 86_400);
  await world.db.query("update sync_order_state set updated_at = created_at");
}

async function rawTexts(): Promise<string[]> {
  const rows = await world.db.query<{ id: string }>("select dsco_order_id as id from dsco_order_raw order by dsco_order_id");
  return rows.map(({ id }) => id);
}

async function invoiced(): Promise<string> {
  const id = await life.shipped();
  await life.ran(INVOICE);
  expect(await life.stages(id)).toEqual([1, 1, 1, 1]);
  return id;
}

describe("ipass purge", () => {
  it.each(["", "0", "-1", "1.5", "90dd", "36501"])("asks for whole days, not %j", async (days) => {
    const { message } = await shell.failure(2, "purge", `--older-than=${days}`);
    expect(message).toContain("Whole days from 1 to 36500");
  });

  it("does not guess for how long things are to be kept", async () => {
    expect((await shell.failure(2, "purge")).message).toContain("--older-than");
  });

  it("deletes what is finished for that long, says how many, and shows nothing of it", async () => {
    await life.open();
    const id = await invoiced();
    const open = await life.acked();
    expect(await purge("--older-than", "1")).toEqual({ purged: 0, older_than_days: 1, dry_run: false });
    expect((await shell.run("purge", "--older-than", "1")).stdout, "cron is left in peace").toBe("");

    await daysPass(90);
    expect(await purge("--older-than", "91")).toMatchObject({ purged: 0 });
    expect(await purge("--older-than", "90", "--dry-run")).toEqual({ purged: 1, older_than_days: 90, dry_run: true });
    expect((await shell.run("purge", "--older-than", "1d", "--dry-run")).stdout).toBe(
      "would purge 1 raw text of what is finished for 1 day\n",
    );
    expect(await rawTexts()).toEqual([id, open].sort());
    const { code, stdout, stderr } = await shell.run("purge", "--older-than", "90d");
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "purged 1 raw text of what is finished for 90 days\n", stderr: "" });
    expect(await rawTexts()).toEqual([open]);
    expect(
      world
        .logs()
        .filter(({ msg }) => msg === "raw_purged")
        .at(-1),
    ).toMatchObject({ purged: 1, older_than_days: 90, dry_run: false });
  });

  it("ends with 13 without a database", async () => {
    const { code, stdout } = await world.start(["purge", "--older-than", "9", "--json"], { IPASS_DB_DSN: "mysql://u:p@127.0.0.1:1/db" })
      .done;
    expect({ code, ...JSON.parse(stdout) }).toMatchObject({ code: 13, error: { name: "database" } });
  });
});

describe("a purged order", () => {
  let id = "";
  beforeEach(async () => {
    await life.open();
    id = await invoiced();
    await daysPass(90);
    expect(await purge("--older-than", "30")).toMatchObject({ purged: 1 });
  });

  it("is shown and explained as before, and no person can start it again", async () => {
    expect(await shell.json("order-state", id)).toMatchObject({ dsco_order_id: id, invoice_status: 1 });
    const { stdout } = await shell.run("explain", id);
    expect(stdout).toContain("All done");
    expect(stdout).toContain("its raw text is purged");
    expect(await shell.json("explain", id)).toMatchObject({ order: { dsco_order_id: id }, fetched_at: null, now: { command: null } });
    for (const action of ["requeue", "done"]) await shell.failure(4, "order-state", action, id, "--stage", "ship", "--reason", "r");
  });

  it("takes no part in any pass, not even when it is named", async () => {
    const { requests } = life;
    for (const job of [PUSH, ACK, SHIP, INVOICE] as const) {
      expect(await life.ran(job)).toMatchObject({ counts: { read: 0 } });
      expect(await life.ran(job, { orders: [id] })).toMatchObject({ counts: { read: 1, skipped: 1 } });
    }
    expect(life.requests).toEqual(requests);
  });

  it("that changes at DSCO is stored again, asks nobody anything, and is purged again", async () => {
    life.patch(id, { shipping: { city: "Albany" }, lineItems: [aLine({ quantity: 1 })] });
    await life.ran(PULL);
    expect(await rawTexts()).toEqual([id]);
    expect(await life.stages(id)).toEqual([1, 1, 1, 1]);
    expect(await life.tasks(id)).toEqual([]);
    expect(await life.ran(PULL), "and not stored a third time").toMatchObject({ counts: { done: 0 } });
    expect((await shell.run("explain", id)).stdout).toContain("compared with DSCO");
    expect(await purge("--older-than", "30"), "not yet: it has just changed").toMatchObject({ purged: 0 });
    await daysPass(31);
    expect(await purge("--older-than", "30")).toMatchObject({ purged: 1 });
    expect(await rawTexts()).toEqual([]);
  });

  it("that is cancelled at DSCO stays done, and asks nobody anything", async () => {
    life.retailer({ cancel: [id] });
    for (const job of [PULL, PUSH, ACK, SHIP, INVOICE] as const) await life.ran(job);
    expect(await life.stages(id)).toEqual([1, 1, 1, 1]);
    expect(await life.tasks(id)).toEqual([]);
    expect(await shell.json("order-state", id)).toMatchObject({ dsco_status: "cancelled" });
  });
});

it("an order cancelled before its push is purged, and goes its whole way once the retailer brings it back", async () => {
  await life.open();
  const id = life.order();
  await life.ran(PULL);
  life.retailer({ cancel: [id] });
  await life.ran(PULL);
  await daysPass(40);
  expect(await purge("--older-than", "30")).toMatchObject({ purged: 1 });
  expect((await shell.run("explain", id)).stdout).toContain("Cancelled at DSCO before it was pushed");

  life.retailer({ uncancel: [id] });
  await life.ran(PULL);
  await life.ran(PUSH);
  life.people({ action: "review" });
  await life.ran(ACK);
  life.people({ action: "ship" });
  for (const job of [SHIP, INVOICE] as const) await life.ran(job);
  expect(await life.stages(id)).toEqual([1, 1, 1, 1]);
});

it("an order that shares a parcel with a purged one says which text it needs, and goes on once that is back", async () => {
  await life.open();
  const [due = "", sibling = ""] = await life.pushed({ lineItems: [aLine()] }, { lineItems: [aLine({ quantity: 1 })] });
  life.people({ action: "merge", numbers: [due, sibling] });
  life.people({ action: "review" });
  await life.ran(ACK);
  for (const stage of ["ship", "invoice"])
    await life.shell("order-state", "done", sibling, "--stage", stage, "--reason", "reported by hand");
  await daysPass(40);
  expect(await purge("--older-than", "30")).toMatchObject({ purged: 1 });

  life.people({ action: "ship", trackingNumbers: ["1ZBOTH"] });
  expect(await life.ran(SHIP)).toMatchObject({ counts: { read: 1, waiting: 1 } });
  const { stdout } = await shell.run("explain", due);
  const command = `ipass run pull_dsco_orders --order ${sibling}`;
  expect(stdout.replace(/\s+/g, " ")).toContain(
    `the raw text of order ${sibling}, which shares an outbound order with it: purged or lost; ${command}`,
  );
  expect((await shell.run(...command.split(" ").slice(1))).code).toBe(0);
  await life.due();
  expect(await life.ran(SHIP)).toMatchObject({ counts: { done: 1 } });
  expect(life.atDsco(due).packages).toMatchObject([{ trackingNumber: "1ZBOTH", items: [{ quantity: 2 }] }]);
});

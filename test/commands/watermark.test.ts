import { userInfo } from "node:os";
import { beforeEach, describe, expect, it } from "vitest";
import { UTC_TIME, useShell } from "./shell.ts";

const shell = await useShell();
beforeEach(() => shell.world.open({ orders: 0 }));

const PULL = { mode: "updatedSince", since: "2026-01-02T03:04:05Z" };
const FEED = { mode: "update_time", since: 1767225600 };
const set = (job: string, watermark: object) => shell.run("watermark", "set", job, JSON.stringify(watermark));

describe("ipass watermark", () => {
  it("get prints null while there is none, and then what was set, to the letter", async () => {
    expect(await shell.run("watermark", "get", "pull_dsco_orders")).toMatchObject({ code: 0, stdout: "null\n", stderr: "" });
    expect((await set("pull_dsco_orders", PULL)).code).toBe(0);
    expect(await shell.json("watermark", "get", "pull_dsco_orders")).toEqual(PULL);
    expect(await shell.run("watermark", "get", "pull_dsco_orders")).toMatchObject({ stdout: `${JSON.stringify(PULL)}\n` });
  });

  it("set tells what was there before", async () => {
    expect(await shell.json("watermark", "set", "ack_to_dsco", JSON.stringify(FEED))).toEqual({
      job: "ack_to_dsco",
      before: null,
      after: FEED,
    });
    const later = { ...FEED, since: FEED.since + 60 };
    const { stdout } = await set("ack_to_dsco", later);
    expect(stdout).toContain(`before: ${JSON.stringify(FEED)}`);
    expect(stdout).toContain(`after:  ${JSON.stringify(later)}`);
  });

  it.each([
    ["an array", "pull_dsco_orders", `[${JSON.stringify(PULL)}]`, /expected \{"mode":"updatedSince"/],
    ["not JSON", "pull_dsco_orders", "{since", /expected \{"mode":"updatedSince"/],
    ["of the other jobs' shape", "pull_dsco_orders", JSON.stringify(FEED), /expected \{"mode":"updatedSince"/],
    ["of the pull's shape", "ship_to_dsco", JSON.stringify(PULL), /expected \{"mode":"update_time"/],
    ["without a zone", "pull_dsco_orders", '{"mode":"updatedSince","since":"2026-01-02T03:04:05"}', /expected/],
    ["with a field too many", "pull_dsco_orders", '{"mode":"updatedSince","since":"2026-01-02T03:04:05Z","x":1}', /expected/],
    ["in milliseconds", "ack_to_dsco", '{"mode":"update_time","since":1767225600000}', /future/],
    ["in the future", "pull_dsco_orders", '{"mode":"updatedSince","since":"2199-01-02T03:04:05Z"}', /future/],
    [
      "of a job that has none",
      "push_orders_to_lingxing",
      JSON.stringify(FEED),
      /keeps no watermark.*pull_dsco_orders, ack_to_dsco, ship_to_dsco/,
    ],
  ])("refuses one that is %s with 2, and keeps the old one", async (_what, job, text, reason) => {
    const old = job === "pull_dsco_orders" ? PULL : FEED;
    if (job !== "push_orders_to_lingxing") await set(job, old);
    const error = await shell.failure(2, "watermark", "set", job, text);
    expect(error.message).toMatch(reason);
    if (job !== "push_orders_to_lingxing") expect(await shell.json("watermark", "get", job)).toEqual(old);
  });

  it("shows one that somebody broke by hand as its text, and replaces it", async () => {
    await shell.world.db.query("insert into job_watermark (job_name, watermark) values ('ack_to_dsco', '{since')");
    expect(await shell.json("watermark", "list")).toMatchObject({ items: [{ job: "ack_to_dsco", watermark: "{since" }] });
    expect(await shell.json("watermark", "set", "ack_to_dsco", JSON.stringify(FEED))).toEqual({
      job: "ack_to_dsco",
      before: "{since",
      after: FEED,
    });
  });

  it("is undone by setting what was there before, and the history shows both", async () => {
    await set("ack_to_dsco", FEED);
    await set("ack_to_dsco", { ...FEED, since: 0 });
    const history = async () =>
      (await shell.json<{ items: { before: string; after: string }[] }>("watermark", "list", "--history")).items.map(
        ({ before, after }) => [before, after],
      );
    const [[before = ""] = []] = await history();
    expect((await shell.run("watermark", "set", "ack_to_dsco", before)).code).toBe(0);
    expect(await shell.json("watermark", "get", "ack_to_dsco")).toEqual(FEED);
    expect((await history())[0]).toEqual([JSON.stringify({ ...FEED, since: 0 }), JSON.stringify(FEED)]);
  });

  it("list shows all of them, and --history who moved them", async () => {
    await set("pull_dsco_orders", PULL);
    await set("ack_to_dsco", FEED);
    await shell.world.pass("pull_dsco_orders");
    const list = await shell.json<{ items: { job: string; watermark: unknown; updated_at: string }[]; count: number }>("watermark", "list");
    expect(list).toMatchObject({ count: 2, items: [{ job: "ack_to_dsco", watermark: FEED }, { job: "pull_dsco_orders" }] });
    for (const { updated_at } of list.items) expect(updated_at).toMatch(UTC_TIME);

    const history = await shell.json<{ items: { job: string; kind: string; actor: string | null; before: string | null; at: string }[] }>(
      "watermark",
      "list",
      "--history",
    );
    expect(history.items.map(({ job, kind }) => [job, kind])).toEqual([
      ["pull_dsco_orders", "pass"],
      ["ack_to_dsco", "watermark_set"],
      ["pull_dsco_orders", "watermark_set"],
    ]);
    expect(history.items[0]?.before).toBe(JSON.stringify(PULL));
    expect(history.items[1]?.actor).toContain(userInfo().username);
    const { stdout } = await shell.run("watermark", "list", "--history");
    for (const word of ["pull_dsco_orders", "run", userInfo().username, `before ${JSON.stringify(PULL)}`, "before null"])
      expect(stdout).toContain(word);
    for (const text of [stdout, (await shell.run("watermark", "list")).stdout])
      expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
  });
});

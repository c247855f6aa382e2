import stringWidth from "string-width";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { useCli } from "../helpers/cli.ts";
import { useTestDatabase } from "../helpers/mysql.ts";
import { StockWorld } from "../jobs/stock-world.ts";
import { type Env, PUSH, World } from "../jobs/world.ts";
import { allCommands, COMMAND_LINES, type CommandLine, called, findKnown, type Known } from "./command-lines.ts";

const db = await useTestDatabase();
const cli = useCli({ IPASS_DB_DSN: db.dsn });
const world = new World(db, cli);
const stock = new StockWorld(world);
let known: Known;

beforeAll(async () => {
  await stock.open({ orders: 12, broken: 12, skus: 3 });
  await world.pulled();
  await world.pass(PUSH);
  await world.pass("sync_stock");
  known = await findKnown(world, stock.skus()[0] ?? "");
}, 120_000);
afterAll(() => world.close());

interface Failure {
  readonly error: { readonly code: number; readonly name: string; readonly message: string; readonly next_step: string };
}

const run = (line: CommandLine, args: readonly string[], env: Env = {}) => {
  const call = called(line, args);
  return cli.run(call.args, { env: { ...world.env, ...env, ...call.env } });
};

const only = (stdout: string): unknown => {
  expect(stdout.match(/\n/g), "one document, on a line of its own").toHaveLength(1);
  return JSON.parse(stdout);
};

it("names every command there is, and no other", { timeout: 120_000 }, async () => {
  const named = new Set(COMMAND_LINES.map(({ words }) => words));
  const groups = ["watermark", "stock"]; // nothing by themselves
  expect((await allCommands(cli)).filter((words) => !groups.includes(words)).sort()).toEqual([...named].sort());
});

describe.each(COMMAND_LINES)("ipass $words", (line) => {
  const { words, options, json, code = 0, without } = line;
  const args = () => line.args?.(known) ?? [];

  it("has help with an example, and names its options", { timeout: 60_000 }, async () => {
    const help = await run(line, ["--help"]);
    expect(help).toMatchObject({ code: 0, stderr: "" });
    expect(help.stdout).toMatch(new RegExp(`^Example[\\s\\S]*ipass ${words}\\b`, "m"));
    for (const option of [...options, "--json", "--help"]) expect(help.stdout).toMatch(new RegExp(`^ +.*${option}\\b`, "m"));
  });

  it("prints one JSON document, and for people text without colour that fits 80 columns", { timeout: 60_000 }, async () => {
    const asJson = await run(line, [...args(), "--json"]);
    expect(asJson, asJson.stdout).toMatchObject({ code, stderr: "" });
    expect(Object.keys(only(asJson.stdout) as object)).toEqual(expect.arrayContaining([...json]));
    if (json[0] === "items") {
      const { items, count } = only(asJson.stdout) as { items: unknown[]; count: number };
      expect(items).toHaveLength(count);
    }
    const asText = await run(line, args());
    expect(asText, asText.stderr).toMatchObject({ code });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
    expect(asText.stdout + asText.stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    // A line of a crontab, and the command in a task, stay one line: they are there to be pasted.
    if (words !== "crontab" && words !== "manual-tasks show")
      for (const line of asText.stdout.split("\n")) expect(stringWidth(line), line).toBeLessThanOrEqual(80);
  });

  it("says what is wrong as text on stderr or as JSON on stdout", { timeout: 60_000 }, async () => {
    const failures = [
      { wrong: await run(line, [...args(), "--no-such-option", "--json"]), ends: 2 },
      ...(without === undefined
        ? []
        : [
            { wrong: await run(line, [...args(), "--json"], { IPASS_DB_DSN: "mysql://u:p@127.0.0.1:1/x" }), ends: without.database },
            { wrong: await run(line, [...args(), "--json"], { IPASS_DB_DSN: "" }), ends: without.settings },
          ]),
    ];
    for (const { wrong, ends } of failures) {
      expect(wrong, wrong.stdout).toMatchObject({ code: ends, stderr: "" });
      if (ends === 20) continue; // doctor tells it as a finding
      const { error } = only(wrong.stdout) as Failure;
      expect(error).toMatchObject({
        code: ends,
        name: expect.stringMatching(/^[a-z]+$/),
        message: expect.any(String),
        next_step: expect.stringMatching(/\w/),
      });
    }
    const asText = await run(line, [...args(), "--no-such-option"]);
    expect(asText).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringMatching(/^ipass: unknown option '--no-such-option'\nsee: ipass [\w-]+ --help\n$/),
    });
  });
});

import { readFileSync } from "node:fs";
import { Command, type Option } from "commander";
import dotenv from "dotenv";
import { beforeAll, describe, expect, it } from "vitest";
import { VARIABLE_NAMES } from "../src/config/variables.ts";
import { EXIT } from "../src/exit-codes.ts";
import { JOBS } from "../src/jobs/index.ts";
import { JOB_NAMES } from "../src/sync/job-name.ts";
import { STAGE_STATUS, TASK_TYPES } from "../src/sync/stage.ts";

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");

const READMES = {
  "README.md": read("../README.md"),
  "README.zh-CN.md": read("../README.zh-CN.md"),
  "docs/sandbox.md": read("../docs/sandbox.md"),
};
type Page = keyof typeof READMES;
const PAGES = Object.keys(READMES) as Page[];
const BOTH = ["README.md", "README.zh-CN.md"] as const;

type Status = keyof typeof STAGE_STATUS;
/** As the commands print them. */
const STATUS_WORDS: Record<Status, string> = {
  waiting: "waiting",
  done: "done",
  failed: "failed",
  manual: "PERSON",
  notNeeded: "not needed",
  inFlight: "in flight",
};

/** For tests only, and so not in the schema. */
const TEST_VARIABLES = ["IPASS_TEST_DB_DSN"];

interface CommandLine {
  /** As it stands in the page. */
  readonly text: string;
  /** What follows `ipass`, quotes taken off. */
  readonly words: readonly string[];
}

/** Every `ipass …` in shell blocks and code spans. Of a console block only what follows the prompt: the rest is output. */
function commandLines(page: string): CommandLine[] {
  const found: string[] = [];
  const prose = page.replace(/^ *```(\w*)\n([\s\S]*?)^ *```$/gm, (_, language: string, code: string) => {
    const lines = code.replace(/\\\n\s*/g, " ").split("\n");
    if (language === "console") found.push(...lines.filter((line) => line.startsWith("$ ")).map((line) => line.slice(2)));
    else if (language === "sh" || language === "crontab") found.push(...lines);
    return "";
  });
  for (const [, code = ""] of prose.matchAll(/`([^`\n]+)`/g)) found.push(code);
  return found.flatMap(callsIn);
}

/** The calls of ipass within one line of shell. */
function callsIn(line: string): CommandLine[] {
  const calls: CommandLine[] = [];
  let words: string[] | undefined;
  for (const token of line.match(/(?:'[^']*'|"[^"]*"|<[^<>\s]+>|&&|\|\||[;|&>#]|[^\s'"<>;|&#]|#(?<=\S#))+/g) ?? []) {
    if (/^(?:\d?>.*|&&|\|\||[;|&].*|#.*)$/.test(token)) words = undefined;
    else if (words !== undefined) words.push(token.replace(/^(['"])(.*)\1$/s, "$2"));
    else if (/^(?:\S*\/)?ipass$/.test(token)) {
      words = [];
      calls.push({ text: line.trim(), words });
    }
  }
  return calls;
}

/** Something to be filled in, by the reader or by the shell: `<id>`, `"…"`, `$stage`. */
const isPlaceholder = (word: string): boolean => /[<…$]/.test(word);

/** Every command with its subcommands and options, as src/program.ts lists them; it loads each only when it is called. */
async function commandTree(): Promise<Command> {
  const program = new Command("ipass").version("0", "-V, --version").helpOption("-h, --help");
  const listed = [...read("../src/program.ts").matchAll(/import\("\.\/(commands\/[\w-]+\.ts)"\)\)\.(\w+)\(\)/g)];
  for (const [, file, name = ""] of listed) {
    const module = (await import(`../src/${file}`)) as Record<string, () => Command>;
    const build = module[name];
    if (build !== undefined) program.addCommand(build());
  }
  return program;
}

/** Options that hold for every command. */
const EVERYWHERE = ["--help", "--version"];

/**
 * Walks a command line down the tree. Returns the command's path with the options used, or what is wrong.
 * Values are checked by the parsers of the commands themselves, placeholders apart.
 */
function walk(program: Command, { words }: CommandLine): { called: string; problems: string[] } {
  const problems: string[] = [];
  const path: string[] = [];
  const used: string[] = [];
  const values: string[] = [];
  let command = program;
  const options = (): readonly Option[] => [...command.options, ...(command.parent?.options ?? [])];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    const child = values.length === 0 ? command.commands.find((one) => one.name() === word) : undefined;
    if (child !== undefined) {
      command = child;
      path.push(word);
    } else if (word.startsWith("-")) {
      const [name = "", inline] = word.split("=", 2);
      const option = options().find((one) => one.long === name || one.short === name);
      used.push(name);
      if (option === undefined && !EVERYWHERE.includes(name)) problems.push(`no option ${name}`);
      if (option !== undefined && (option.required || option.optional)) {
        const value = inline ?? words[++at];
        if (value === undefined) problems.push(`${name} needs a value`);
        else check(option.parseArg, value, option.defaultValue, problems);
      }
    } else values.push(word);
  }
  const { registeredArguments } = command;
  const least = registeredArguments.filter(({ required }) => required).length;
  const most = registeredArguments.some(({ variadic }) => variadic) ? Number.POSITIVE_INFINITY : registeredArguments.length;
  // A command that is only named, as in "`ipass run` ends with 3", stands for all its uses.
  if (values.length > most || (values.length < least && values.length + used.length > 0)) problems.push(`${values.length} argument(s)`);
  if (path.length === 0 && words.length > 0 && !EVERYWHERE.includes(words[0] ?? "")) problems.push(`no command ${words[0]}`);
  values.forEach((value, index) => {
    check((registeredArguments[index] ?? registeredArguments.at(-1))?.parseArg, value, undefined, problems);
  });
  return { called: [...path, ...used.sort()].join(" "), problems };
}

/** `before`: what a repeatable option holds already. */
function check(parse: ((value: string, before: never) => unknown) | undefined, value: string, before: unknown, problems: string[]): void {
  if (isPlaceholder(value)) return;
  try {
    parse?.(value, before as never);
  } catch (error) {
    problems.push(`${value}: ${String(error)}`);
  }
}

/** Variables named, `IPASS_JOB_<JOB>_ENABLE` standing for that of every job; a bare beginning such as `IPASS_` is none. */
function variables(page: string): string[] {
  const names = [...page.matchAll(/IPASS_[A-Z0-9_]+(?:<JOB>[A-Z_]+)?/g)].map(([name]) => name);
  return [...new Set(names.flatMap((name) => JOB_NAMES.map((job) => name.replace("<JOB>", job.toUpperCase()))))].filter(
    (name) => !name.endsWith("_"),
  );
}

/** The cells of every table row, code marks taken off. */
function rows(page: string): string[][] {
  return [...page.matchAll(/^\| (.+) \|$/gm)].map(([, row = ""]) => row.split(" | ").map((cell) => cell.trim()));
}

const bare = (cell: string | undefined): string => cell?.replaceAll("`", "") ?? "";

let program: Command;
beforeAll(async () => {
  program = await commandTree();
});

describe.each(PAGES)("%s", (page) => {
  const text = READMES[page];

  it("shows only command lines that exist", () => {
    const lines = commandLines(text);
    const wrong = lines.flatMap((line) => walk(program, line).problems.map((problem) => `${line.text}: ${problem}`));
    expect(lines.length).toBeGreaterThan(5);
    expect(wrong).toEqual([]);
  });

  it("names only variables that exist", () => {
    const known: readonly string[] = [...VARIABLE_NAMES, ...TEST_VARIABLES];
    expect(variables(text).filter((name) => !known.includes(name))).toEqual([]);
  });

  it("leads only to files and headings that are there", () => {
    const headings = new Set([...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => anchor(heading)));
    for (const [, target = ""] of text.matchAll(/\]\(([^)]+)\)/g)) {
      if (target.startsWith("#")) expect([...headings]).toContain(target.slice(1));
      else if (!/^https?:/.test(target)) expect(() => read(`../${page.includes("/") ? "docs/" : ""}${target}`), target).not.toThrow();
    }
  });
});

/** As GitHub makes it of a heading. */
function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{Letter}\p{Number}\s_-]/gu, "")
    .replace(/\s/g, "-");
}

describe.each(BOTH)("%s", (page) => {
  const text = READMES[page];

  it("lists the exit codes as they are", () => {
    const listed = rows(text).flatMap(([code, name]) =>
      /^\d+$/.test(bare(code)) && bare(name) in EXIT ? [[bare(name), Number(bare(code))]] : [],
    );
    expect(Object.fromEntries(listed)).toEqual(Object.fromEntries(Object.entries(EXIT).map(([name, { code }]) => [name, code])));
    expect(listed).toHaveLength(Object.keys(EXIT).length);
  });

  it("has a row for each job there is, and no other", () => {
    const listed = rows(text).flatMap(([name]) => JOB_NAMES.filter((job) => job === bare(name)));
    expect([...new Set(listed)]).toEqual(Object.keys(JOBS));
  });

  it("explains every status of a stage and every type of task", () => {
    const first = rows(text).map(([cell]) => bare(cell));
    const listed = rows(text).map(([number, name = ""]) => `${number} ${/^[\w ]+/.exec(name)?.[0].trim()}`);
    expect(listed).toEqual(
      expect.arrayContaining(Object.entries(STATUS_WORDS).map(([name, word]) => `${STAGE_STATUS[name as Status]} ${word}`)),
    );
    const types = first.flatMap((cell) => TASK_TYPES.filter((type) => type === cell));
    expect([...types].sort()).toEqual([...TASK_TYPES].sort());
  });

  it("names every variable, with the default that .env.example shows", () => {
    expect(VARIABLE_NAMES.filter((name) => !variables(text).includes(name))).toEqual([]);
    const example = dotenv.parse(read("../.env.example").replace(/^# (?=IPASS_)/gm, ""));
    for (const [name, value] of rows(text)) {
      const variable = bare(name);
      if (!variable.startsWith("IPASS_") || !/^`[^`]+`$/.test(value ?? "")) continue;
      for (const named of variables(variable)) expect(example[named], named).toBe(bare(value));
    }
  });

  it("gives the crontab lines of crontab.example", () => {
    const entries = read("../crontab.example")
      .split("\n")
      .filter((line) => line.startsWith("*/"));
    for (const entry of entries) expect(text).toContain(entry);
  });
});

it("say the same: both READMEs show the same commands and name the same variables", () => {
  const [english = [], chinese = []] = BOTH.map((page) =>
    [...new Set(commandLines(READMES[page]).map((line) => walk(program, line).called))].sort(),
  );
  expect(chinese).toEqual(english);
  expect(variables(READMES["README.zh-CN.md"]).sort()).toEqual(variables(READMES["README.md"]).sort());
  const blocks = (page: Page) => [...READMES[page].matchAll(/^```console\n([\s\S]*?)^```$/gm)].map(([, block]) => block);
  expect(blocks("README.zh-CN.md")).toEqual(blocks("README.md"));
});

describe("the reader of command lines", () => {
  const one = (line: string) => {
    const [call] = callsIn(line);
    return call === undefined ? ["no call"] : walk(program, call).problems;
  };

  it.each([
    "ipass run pull_dsco_orders --dry-run",
    "cd /srv/ipass && /srv/ipass/bin/ipass run push_orders_to_lingxing --on-locked skip",
    'ipass order-state requeue <id> --stage push --reason "mapping added"',
    'ipass watermark set pull_dsco_orders \'{"mode":"updatedSince","since":"2026-11-22T00:00:00Z"}\'',
    "ipass sandbox --fault 'create:reset-after:#1' > sandbox.env & sleep 1",
    "ipass run",
  ])("accepts: %s", (line) => {
    expect(one(line)).toEqual([]);
  });

  it.each([
    "ipass walk pull_dsco_orders",
    "ipass run pull_orders",
    "ipass run pull_dsco_orders --dry",
    "ipass run pull_dsco_orders --limit many",
    "ipass order-state requeue 1 --stage pack --reason x",
    "ipass order-state requeue --stage push --reason x",
    "ipass watermark set pull_dsco_orders --json",
    "bin/ipass migrate now",
  ])("refuses: %s", (line) => {
    expect(one(line)).not.toEqual([]);
  });
});

import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { pino } from "pino";
import { IpassError } from "./errors.ts";
import type { Redactor } from "./redact.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";
export type LogFields = Readonly<Record<string, unknown>>;

/** One line per call: `event` is a fixed snake_case name, everything that varies is a field. A full disk makes none of these throw. */
export interface Log {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
  /** The same log with fields on every line; `trace_id` among them replaces the one before. */
  child(fields: LogFields): Log;
}

/** The log of a process: it holds the files. */
export interface ProcessLog extends Log {
  /** Lets go of the files; the next line opens them by name again (SIGHUP after logrotate). */
  reopen(): void;
  close(): void;
}

export interface LogOptions {
  readonly dir: string;
  readonly traceId: string;
  readonly redact: Redactor;
  /** The lowest level written; `debug` unless told. */
  readonly level?: LogLevel;
  /** Takes lines that no file takes; standard error unless told. */
  readonly fallback?: (line: string) => void;
}

/**
 * Writes `debug.log info.log warn.log error.log` in `dir`, each with its own level only, as JSON lines any number of processes append
 * to. Nothing is opened or created before the first line of a level, and a line is on its way to the disk when the call returns.
 */
export function createLog(options: LogOptions): ProcessLog {
  const files = new LevelFiles(options.dir, options.fallback ?? toStandardError);
  const lines = pino(
    {
      level: options.level ?? "debug",
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (level) => ({ level }) },
      serializers: { err: (described: unknown) => described }, // pino's own would add what describe() left out
    },
    files,
  );
  const withFields = (bound: LogFields): Log => {
    const write = (level: LogLevel) => (event: string, fields?: LogFields) =>
      lines[level](lineFields({ ...bound, ...fields }, options.redact), event);
    return {
      debug: write("debug"),
      info: write("info"),
      warn: write("warn"),
      error: write("error"),
      child: (fields) => withFields({ ...bound, ...fields }),
    };
  };
  return Object.assign(withFields({ trace_id: options.traceId }), { reopen: () => files.close(), close: () => files.close() });
}

/** `level`, `time` and `msg` are the line's own; a field of that name would be there twice, and readers differ in which one counts. */
function lineFields({ level: _level, time: _time, msg: _msg, ...fields }: LogFields, redact: Redactor): Record<string, unknown> {
  const plain = Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, value instanceof Error ? describe(value) : value]));
  return redact.redactValue(plain) as Record<string, unknown>;
}

/**
 * An error as a field. Frames only for bugs: an error somebody foresaw is explained by its message. A database driver's message quotes
 * the whole statement with its values, that is addresses: its `sqlMessage` is taken instead.
 */
function describe(error: Error, depth = 0): Record<string, unknown> {
  const { code, sqlMessage, errors } = error as Error & { code?: unknown; sqlMessage?: unknown; errors?: unknown };
  const first = Array.isArray(errors) && errors[0] instanceof Error ? errors[0].message : ""; // "connection refused" has one per address tried
  return {
    name: error.name,
    message: typeof sqlMessage === "string" ? sqlMessage : error.message || first,
    ...(typeof code === "string" || typeof code === "number" ? { code } : {}),
    ...(error instanceof IpassError ? {} : { stack: framesOf(error) }),
    ...(error.cause instanceof Error && depth < 4 ? { cause: describe(error.cause, depth + 1) } : {}),
  };
}

function framesOf(error: Error): string {
  const frames = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  return frames.map((line) => line.trim()).join("\n");
}

/** Asks pino to set `lastLevel` before each write. */
const TELLS_LEVEL: unique symbol = Symbol.for("pino.metadata");

/** Where pino puts finished lines. Synchronous: a process that is killed, or that ends at once, has written all it logged. */
class LevelFiles {
  readonly [TELLS_LEVEL] = true;
  lastLevel = 30;
  readonly #dir: string;
  readonly #fallback: (line: string) => void;
  readonly #open = new Map<string, number>();
  /** A full disk may take half a line; the next one must not continue it. */
  readonly #torn = new Set<string>();
  #complained = false;

  constructor(dir: string, fallback: (line: string) => void) {
    this.#dir = dir;
    this.#fallback = fallback;
  }

  write(line: string): void {
    const level = pino.levels.labels[this.lastLevel] ?? "error";
    try {
      this.#append(level, line);
      this.#complained = false;
    } catch (error) {
      if (!this.#complained)
        this.#fallback(`ipass cannot write ${join(this.#dir, `${level}.log`)}: ${messageOf(error)}; its lines follow here\n`);
      this.#complained = true;
      this.#fallback(line);
    }
  }

  close(): void {
    for (const [level, file] of this.#open) {
      this.#open.delete(level);
      try {
        closeSync(file);
      } catch (error) {
        this.#fallback(`ipass cannot close ${level}.log: ${messageOf(error)}\n`);
      }
    }
  }

  #append(level: string, line: string): void {
    let rest = Buffer.from(this.#torn.has(level) ? `\n${line}` : line);
    const whole = rest.length;
    try {
      while (rest.length > 0) rest = rest.subarray(writeSync(this.#fileOf(level), rest));
      this.#torn.delete(level);
    } catch (error) {
      if (rest.length < whole) this.#torn.add(level);
      throw error;
    }
  }

  /** Opened for appending, so that lines of several processes never overwrite or cut one another. */
  #fileOf(level: string): number {
    const known = this.#open.get(level);
    if (known !== undefined) return known;
    mkdirSync(this.#dir, { recursive: true });
    const file = openSync(join(this.#dir, `${level}.log`), "a");
    this.#open.set(level, file);
    return file;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function toStandardError(line: string): void {
  try {
    writeSync(2, line);
  } catch {
    // Nobody listens any more: a log that cannot be written anywhere must not end the run it is about.
  }
}

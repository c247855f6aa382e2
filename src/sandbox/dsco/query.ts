import type { DscoDialect } from "./answers.ts";

/** ISO 8601 with a zone: without one a time means nothing to DSCO. */
const ISO_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;

/** Reads query parameters and answers 400 to what the call does not take. */
export class DscoQuery {
  readonly #query: URLSearchParams;
  readonly #dialect: DscoDialect;

  constructor(query: URLSearchParams, dialect: DscoDialect, allowed: readonly string[]) {
    this.#query = query;
    this.#dialect = dialect;
    for (const name of new Set(query.keys())) {
      if (!allowed.includes(name)) throw this.#bad(`unknown parameter ${name}`);
    }
  }

  text(name: string): string | undefined {
    const values = this.#query.getAll(name);
    if (values.length > 1) throw this.#bad(`${name} is given ${values.length} times`);
    return values[0] === "" ? undefined : values[0];
  }

  required(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw this.#bad(`${name} is required`);
    return value;
  }

  oneOf<T extends string>(name: string, values: readonly T[]): T | undefined {
    const value = this.text(name);
    return value === undefined ? undefined : this.#among(name, value, values);
  }

  /** A parameter to be repeated, once for each value; a list with commas is none of the values. */
  allOf<T extends string>(name: string, values: readonly T[]): T[] {
    return this.#query.getAll(name).map((value) => this.#among(name, value, values));
  }

  flag(name: string): boolean | undefined {
    const value = this.oneOf(name, ["true", "false"]);
    return value === undefined ? undefined : value === "true";
  }

  /** Milliseconds since 1970. */
  time(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const ms = ISO_TIME.test(value) ? Date.parse(value) : Number.NaN;
    if (Number.isNaN(ms)) throw this.#bad(`${name} has to be an ISO 8601 time with a zone, not ${value}`);
    return ms;
  }

  integer(name: string, low: number, high: number): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
    if (!(number >= low && number <= high)) throw this.#bad(`${name} has to be a whole number from ${low} to ${high}, not ${value}`);
    return number;
  }

  #among<T extends string>(name: string, value: string, values: readonly T[]): T {
    const found = values.find((candidate) => candidate === value);
    if (found === undefined) throw this.#bad(`${name} has to be one of ${values.join(", ")}, not ${value}`);
    return found;
  }

  #bad(problem: string): Error {
    return this.#dialect.refuse(400, "badRequest", problem);
  }
}

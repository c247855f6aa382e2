import * as z from "zod";
import { oneOf, textThat } from "../config/reading.ts";
import { JOB_NAMES } from "../sync/job-name.ts";
import { RefusedRequestError } from "./refusal.ts";

/** What a request may carry in its query or in a form, by name. */
export type Params = z.ZodObject<Readonly<Record<string, z.ZodType>>, z.core.$strict>;

const SHOWN_LENGTH = 40;

/**
 * Reads `a=1&b=2`, from a query or a form. An empty value counts as absent, unless its parameter takes it. A name that is not among `params`, one that comes twice
 * where one value is expected, a value that is not allowed and a percent-encoding that is none are all told at once, by name.
 * @throws RefusedRequestError (400)
 */
export function readParams<P extends Params>(text: string, params: P): z.output<P> {
  const { given, broken } = parse(text, (name) => Object.hasOwn(params.shape, name) && !params.shape[name]?.safeParse("").success);
  const parsed = params.safeParse(Object.fromEntries([...given].map(([name, values]) => [name, values.length === 1 ? values[0] : values])));
  const problems = [...broken];
  if (!parsed.success) problems.push(...parsed.error.issues.flatMap((issue) => problemsOf(issue, given, params)));
  if (problems.length > 0 || !parsed.success)
    throw new RefusedRequestError(400, problems.join("; "), "correct the request and send it again");
  return parsed.data;
}

function parse(text: string, skipsEmpty: (name: string) => boolean): { given: Map<string, string[]>; broken: string[] } {
  const given = new Map<string, string[]>();
  const broken: string[] = [];
  for (const pair of text.split("&").filter((part) => part !== "")) {
    const [name = "", ...rest] = pair.split("=");
    const [key, value] = [decoded(name), decoded(rest.join("="))];
    if (key === undefined || value === undefined)
      broken.push(`${key ?? shown(name)}: not percent-encoded UTF-8; expected %25 for a percent sign`);
    else if (value !== "" || !skipsEmpty(key)) given.set(key, [...(given.get(key) ?? []), value]);
  }
  return { given, broken };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return undefined;
  }
}

function problemsOf(issue: z.core.$ZodIssue, given: ReadonlyMap<string, readonly string[]>, params: Params): string[] {
  if (issue.code === "unrecognized_keys") {
    const allowed = Object.keys(params.shape).join(", ");
    return issue.keys.map((name) => `${shown(name).slice(1, -1)}: unknown; allowed ${allowed === "" ? "is none here" : `are ${allowed}`}`);
  }
  const name = String(issue.path[0]);
  const values = given.get(name) ?? [];
  const got = values.length === 0 ? "not given" : values.length > 1 ? `given ${values.length} times` : `got ${shown(values[0] ?? "")}`;
  return [`${name}: ${got}; expected ${issue.message}`];
}

/** In quotes, control characters made visible, and no longer than a person reads. */
function shown(text: string): string {
  return JSON.stringify(text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text);
}

export const NO_PARAMS = z.strictObject({});

export const jobParam = () => oneOf(JOB_NAMES);

/** An order id, as long as its column. */
export const orderIdParam = () =>
  textThat("an order id: 1 to 64 characters, none of them a control character", (text) => /^\P{Cc}{1,64}$/u.test(text));

import { distance } from "fastest-levenshtein";
import type { ConfigProblem } from "../errors.ts";
import { problemsOf, type Section, settingShown } from "./env.ts";
import { SECTIONS } from "./sections.ts";
import { VARIABLE_NAMES, VARIABLES, type VariableName } from "./variables.ts";

/** One variable as it stands. */
export interface Setting {
  readonly name: VariableName;
  /** What it is set to, secrets masked; undefined: unset or empty. */
  readonly shown: string | undefined;
  readonly problem: ConfigProblem | undefined;
}

const ALL_SECTIONS = Object.keys(SECTIONS) as Section[];

/**
 * Every variable of the schema. A value that cannot be read is a problem whoever would need it; one that is missing only where a section of
 * `needed` cannot do without it.
 */
export function inspectSettings(env: NodeJS.ProcessEnv, needed: ReadonlySet<Section>): Setting[] {
  const found = [...problemsOf(env, ALL_SECTIONS).filter(({ given }) => given !== undefined), ...problemsOf(env, [...needed])];
  const problems = new Map(found.map((problem) => [problem.name, problem]));
  return VARIABLE_NAMES.map((name) => ({ name, shown: settingShown(env, name), problem: problems.get(name) }));
}

/** One variable's value, or its default; undefined when it is wrong, or unset and without a default. Its section is not looked at. */
export function readSetting<N extends VariableName>(env: NodeJS.ProcessEnv, name: N): (typeof VARIABLES.shape)[N]["_output"] | undefined {
  const read = VARIABLES.shape[name].safeParse(env[name]?.trim() || undefined);
  return read.success ? (read.data as (typeof VARIABLES.shape)[N]["_output"]) : undefined;
}

/** More letters apart than this share of the name, and it is another word, not a slip of the finger. */
const NEAR = 0.2;

/** The variable that was probably meant; undefined when none is like it. */
export function nearestVariable(name: string): VariableName | undefined {
  const [nearest] = VARIABLE_NAMES.map((known) => ({ known, apart: distance(name, known) })).sort((a, b) => a.apart - b.apart);
  return nearest !== undefined && nearest.apart <= name.length * NEAR ? nearest.known : undefined;
}

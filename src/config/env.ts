import { ConfigError, type ConfigProblem } from "../errors.ts";
import type { JobName } from "../sync/job-name.ts";
import type { DatabaseConfig } from "./dsn.ts";
import type { SkuMap } from "./mappings.ts";
import { withoutLikelySecrets } from "./secrets.ts";
import { buildJob, type Environment, SECTIONS, variablesOfJob } from "./sections.ts";
import { type PriceField, VARIABLE_NAMES, VARIABLES, type Values, type VariableName } from "./variables.ts";

export interface JobConfig {
  /** False: `ipass run` says so and ends with 0. */
  readonly enabled: boolean;
  /** How often cron should start it. */
  readonly intervalSec: number;
  /** Objects in one vendor write call; for the pull, orders in one page. */
  readonly batchSize: number;
}

export type DscoAuth =
  | { readonly kind: "token"; readonly token: string }
  | { readonly kind: "client"; readonly clientId: string; readonly clientSecret: string };

export type LingxingAuth =
  | { readonly kind: "token"; readonly accessToken: string }
  | { readonly kind: "secret"; readonly appSecret: string };

/** What ipass was told, in sections: whoever needs one checks that one only. */
export interface Config {
  readonly database: DatabaseConfig;
  readonly log: { readonly dir: string };
  /** An empty `host` is every interface. */
  readonly admin: { readonly enabled: boolean; readonly host: string; readonly port: number; readonly token?: string };
  readonly dsco: { readonly baseUrl: string; readonly auth: DscoAuth };
  /** What every call to Lingxing needs. `sid` stays text: it may have 18 digits. */
  readonly lingxing: { readonly baseUrl: string; readonly appId: string; readonly auth: LingxingAuth; readonly sid?: string };
  /** Where orders are created: not needed to read stock. */
  readonly lingxingStore: { readonly platformCode: number; readonly storeId: string };
  readonly rules: { readonly maxRetryPerOrder: number; readonly orderMaxAgeSec: number; readonly inDoubtGraceSec: number };
  readonly pull: { readonly overlapSec: number; readonly includeTestOrders: boolean };
  readonly push: {
    readonly platformOrderNo: "dscoOrderId" | "poNumber";
    /** In order of preference. */
    readonly priceFields: readonly PriceField[];
    readonly storeMap?: ReadonlyMap<string, string>;
    readonly warehouseMap?: ReadonlyMap<string, string>;
    readonly logisticsMap?: ReadonlyMap<string, string>;
    readonly skuMap?: SkuMap;
  };
  readonly ship: { readonly dateSource: "delivered_at" | "stock_delivered_at" | "none"; readonly multiPackage: "manual" | "send" };
  readonly invoice: { readonly priceFields: readonly PriceField[] };
  readonly stock: { readonly warehouseMap: ReadonlyMap<string, string>; readonly skuMap?: SkuMap; readonly maxZeroPercent: number };
  readonly jobs: Readonly<Record<JobName, JobConfig>>;
}
export type Section = keyof Config;

/**
 * The sections asked for, checked; other variables are not looked at. An empty value counts as unset.
 * @throws ConfigError with every problem of these sections, not only the first
 */
export function loadConfig<const S extends Section>(env: NodeJS.ProcessEnv, sections: readonly S[]): Pick<Config, S> {
  return pick(sections, read(env, sections, []));
}

/**
 * What one job needs: the sections, and its own switch, interval and batch size. A typo in another job's interval stops only that job.
 * @throws ConfigError as loadConfig
 */
export function loadJobConfig<const S extends Section>(
  env: NodeJS.ProcessEnv,
  job: JobName,
  sections: readonly S[],
): Pick<Config, S> & { readonly job: JobConfig } {
  const values = read(env, sections, variablesOfJob(job));
  return { ...pick(sections, values), job: buildJob(values, job) };
}

/** Whether a variable's value must never be seen. */
export function isSecret(name: string): boolean {
  return /(_TOKEN|_SECRET|_DSN)$/.test(name);
}

/** `IPASS_…` variables that are set and that no version of this schema knows: a typo, or of the older service. */
export function unknownVariables(env: NodeJS.ProcessEnv): string[] {
  return Object.keys(env)
    .filter((name) => name.startsWith("IPASS_") && !(name in VARIABLES.shape) && env[name] !== undefined)
    .sort();
}

/** Everything that is wrong with these sections, in the order of the schema; nothing is thrown. */
export function problemsOf(env: NodeJS.ProcessEnv, sections: readonly Section[]): ConfigProblem[] {
  return check(env, sections, []).problems;
}

function read(env: NodeJS.ProcessEnv, sections: readonly Section[], further: readonly VariableName[]): Values {
  const { values, problems } = check(env, sections, further);
  if (problems.length > 0) throw new ConfigError(problems);
  return values as Values; // picked: a section's build reads only what the section names
}

interface Checked {
  readonly values: Partial<Values> | undefined;
  readonly problems: ConfigProblem[];
}

function check(env: NodeJS.ProcessEnv, sections: readonly Section[], further: readonly VariableName[]): Checked {
  const wanted = new Set([...sections.flatMap((section) => SECTIONS[section].variables), ...further]);
  const names = VARIABLE_NAMES.filter((name) => wanted.has(name));
  const given: Environment = Object.fromEntries(names.map((name) => [name, givenText(env, name)]));
  const mask = Object.fromEntries(names.map((name) => [name, true])) as { [K in VariableName]?: true };
  const parsed = VARIABLES.pick(mask).safeParse(given);
  const problems: ConfigProblem[] = parsed.success
    ? []
    : parsed.error.issues.map(({ path, message }) => {
        const name = String(path[0]);
        return { name, given: shown(name, given[name]), expected: message };
      });
  for (const section of new Set(sections)) problems.push(...(SECTIONS[section].check?.(given) ?? []));
  const place = ({ name }: ConfigProblem) => VARIABLE_NAMES.indexOf(name as VariableName);
  return { values: parsed.data, problems: problems.sort((a, b) => place(a) - place(b)) };
}

function pick<S extends Section>(sections: readonly S[], values: Values): Pick<Config, S> {
  const built = sections.map((section) => [section, SECTIONS[section].build(values)] as const);
  return Object.fromEntries(built) as unknown as Pick<Config, S>;
}

/** An empty value counts as unset. */
function givenText(env: NodeJS.ProcessEnv, name: string): string | undefined {
  return env[name]?.trim() || undefined;
}

/** What a variable is set to, secrets masked; undefined: unset. */
export function settingShown(env: NodeJS.ProcessEnv, name: VariableName): string | undefined {
  return shown(name, givenText(env, name));
}

/** What was given, for the operator who has to find it: never a secret, and no whole file of mappings. */
function shown(name: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (isSecret(name)) return `*** (${text.length} characters)`;
  const safe = withoutLikelySecrets(text).replace(/\s+/g, " ");
  return safe.length > 80 ? `${safe.slice(0, 80)}…` : safe;
}

import { readFileSync } from "node:fs";
import { isLosslessNumber, parse } from "lossless-json";
import { BadSettingError, reading } from "./reading.ts";
import { withoutLikelySecrets } from "./secrets.ts";

/** Lingxing SKU and DSCO SKU, each side naming at most one of the other. */
export interface SkuMap {
  readonly toDsco: ReadonlyMap<string, string>;
  readonly toLingxing: ReadonlyMap<string, string>;
}

interface MapRule {
  /** What it maps, with an example, for whoever has to correct it. */
  readonly what: string;
  readonly key?: { readonly pattern: RegExp; readonly is: string };
  readonly value?: { readonly pattern: RegExp; readonly is: string };
}

const DIGITS = { pattern: /^\d{1,32}$/, is: "digits" };

/** A flat JSON object, inline or as `@file.json` relative to the working directory. */
const mapOf = (rule: MapRule) => reading(`JSON or @file.json, ${rule.what}`, (text) => readMap(text, rule));

export const storeMap = () =>
  mapOf({ what: 'DSCO retailer id → Lingxing store_id, such as {"1000009999":"110000000000000001"}', value: DIGITS });

export const warehouseMap = () => mapOf({ what: 'DSCO warehouse → Lingxing wid, such as {"WH-CA":"33"}', value: DIGITS });

export const logisticsMap = () =>
  mapOf({
    what: 'DSCO <warehouse>-<service level> → Lingxing logistics_type_id, such as {"WH-CA-FECG":"200000000000000001"}',
    key: { pattern: /^.+-.+$/s, is: "<warehouse>-<service level>" },
    value: DIGITS,
  });

/** Several Lingxing warehouses may feed one DSCO warehouse; their stock is added up. `{}` is what a file with no stock in use carries. */
export const stockWarehouseMap = () => {
  const rule: MapRule = { what: 'Lingxing wid → DSCO warehouse code, such as {"33":"WH-CA"}', key: DIGITS };
  const expected = `JSON or @file.json, ${rule.what}`;
  return reading(expected, (text) => {
    const map = readMap(text, rule);
    if (map.size === 0) throw new BadSettingError(`${expected}: with at least one entry`);
    return map;
  });
};

/** `{}` means "SKUs are the same on both sides", as if unset: files of the older service carry it. */
export const skuMap = () => {
  const rule: MapRule = { what: 'Lingxing SKU → DSCO SKU, such as {"LOCAL-1":"MUG-BLUE"}' };
  return reading(`JSON or @file.json, ${rule.what}`, (text): SkuMap | undefined => {
    const toDsco = readMap(text, rule);
    return toDsco.size === 0 ? undefined : { toDsco, toLingxing: inverted(toDsco) };
  });
};

/** Two Lingxing SKUs on one DSCO SKU would each overwrite the other's stock, and an order could not tell which to ask for. */
function inverted(toDsco: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const toLingxing = new Map<string, string>();
  const clashes: string[] = [];
  for (const [lingxing, dsco] of toDsco) {
    const other = toLingxing.get(dsco);
    if (other === undefined) toLingxing.set(dsco, lingxing);
    else clashes.push(`${quoted(other)} and ${quoted(lingxing)} both map to ${quoted(dsco)}`);
  }
  if (clashes.length > 0) throw new BadSettingError(`each DSCO SKU at most once, but ${listed(clashes)}`);
  return toLingxing;
}

function readMap(text: string, rule: MapRule): ReadonlyMap<string, string> {
  const json = parseMap(text.startsWith("@") ? readMapFile(text.slice(1).trim()) : text, rule);
  const map = new Map<string, string>();
  const wrong: string[] = [];
  for (const [rawKey, rawValue] of Object.entries(json)) {
    const key = rawKey.trim();
    const value = isLosslessNumber(rawValue) ? rawValue.value : typeof rawValue === "string" ? rawValue.trim() : "";
    if (key === "" || (rule.key && !rule.key.pattern.test(key))) wrong.push(`the key ${quoted(rawKey)} must be ${rule.key?.is ?? "text"}`);
    else if (value === "") wrong.push(`${quoted(key)} must map to a text or a whole number`);
    else if (isLosslessNumber(rawValue) && !DIGITS.pattern.test(value))
      wrong.push(`${quoted(key)} must map to a whole number, not ${value}`);
    else if (rule.value && !rule.value.pattern.test(value)) wrong.push(`${quoted(key)} must map to ${rule.value.is}, not ${quoted(value)}`);
    else if (map.has(key) && map.get(key) !== value) wrong.push(`${quoted(key)} is there twice`);
    else map.set(key, value);
  }
  if (wrong.length > 0) throw new BadSettingError(`${rule.what}: ${listed(wrong)}`);
  return map;
}

/** Ids may be written as numbers beyond 2^53, which JSON.parse would round to another store's. */
function parseMap(text: string, rule: MapRule): Readonly<Record<string, unknown>> {
  const expected = `JSON or @file.json, ${rule.what}`;
  for (const attempt of spellings(text)) {
    const value = tryParse(attempt);
    if (value instanceof Error) continue;
    if (typeof value === "object" && value !== null && !Array.isArray(value) && !isLosslessNumber(value)) {
      return value as Record<string, unknown>;
    }
  }
  const problem = tryParse(text);
  throw new BadSettingError(problem instanceof Error ? `${expected}: ${problem.message}` : `${expected}: it must be an object`);
}

/**
 * As given; then with the backslashes undone that Go's loader removes inside double quotes and dotenv leaves (`"{\"a\":\"b\"}"`);
 * then as a JSON text that holds the JSON, which is what Docker's --env-file makes of the quotes.
 */
function* spellings(text: string): Generator<string> {
  yield text;
  yield text.replace(/\\(.)/gs, "$1");
  const inner = tryParse(text);
  if (typeof inner === "string") yield inner;
}

function tryParse(text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function readMapFile(path: string): string {
  try {
    return readFileSync(path, "utf8").replace(/^\uFEFF/, "");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unreadable";
    throw new BadSettingError(`a readable JSON file at ${path} (${code}), seen from ${process.cwd()}`);
  }
}

function quoted(text: string): string {
  const safe = withoutLikelySecrets(text);
  return JSON.stringify(safe.length > 60 ? `${safe.slice(0, 60)}…` : safe);
}

function listed(items: readonly string[]): string {
  const shown = items.slice(0, 5).join("; ");
  return items.length > 5 ? `${shown}; and ${items.length - 5} more` : shown;
}

import type { DscoWarehouse } from "../../dsco/warehouse-reader.ts";
import type { LingxingStore, LingxingWarehouse } from "../../lingxing/reference-reader.ts";
import { listed } from "../../sync/listed.ts";
import { type Finding, fail, pass, warn } from "../finding.ts";

/** An id of the configuration, and where it stands. */
export interface Named {
  readonly id: string;
  readonly variable: string;
}

/** Lingxing warehouses of the maps against those there are. */
export function judgeLingxingWarehouses(named: readonly Named[], there: readonly LingxingWarehouse[]): Finding {
  const id = "maps.lingxing_warehouses";
  if (named.length === 0) return pass(id, "no map names any");
  const alive = there.filter(({ deleted }) => !deleted);
  const unknown = named.filter((one) => !there.some(({ wid }) => wid === one.id));
  const deleted = named.filter((one) => there.some(({ wid, deleted }) => wid === one.id && deleted));
  if (unknown.length + deleted.length === 0) return pass(id, `${count(named)} known`);
  const found = [
    ...(unknown.length > 0 ? [`Lingxing has no warehouse ${where(unknown)}`] : []),
    ...(deleted.length > 0 ? [`deleted in Lingxing: ${where(deleted)}`] : []),
  ];
  return fail(
    id,
    found.join("; "),
    `correct the map; Lingxing has ${listed(alive.map(({ wid, name }) => (name === "" ? wid : `${wid} (${name})`)))}`,
  );
}

/** DSCO warehouses of the maps against those there are. */
export function judgeDscoWarehouses(named: readonly Named[], there: readonly DscoWarehouse[]): Finding {
  const id = "maps.dsco_warehouses";
  if (named.length === 0) return pass(id, "no map names any");
  const unknown = named.filter((one) => !there.some(({ code }) => code === one.id));
  const inactive = named.filter((one) => there.some(({ code, active }) => code === one.id && !active));
  const active = listed(there.filter((one) => one.active).map(({ code }) => code));
  if (unknown.length > 0)
    return fail(id, `DSCO has no warehouse ${where(unknown)}, and refuses stock that names one`, `correct the map; DSCO has ${active}`);
  if (inactive.length > 0)
    return warn(id, `not active at DSCO: ${where(inactive)}`, `activate it at DSCO, or correct the map; active are ${active}`);
  return pass(id, `${count(named)} known and active`);
}

export function judgeStores(named: readonly Named[], there: readonly LingxingStore[], platformCode: number): Finding {
  const id = "maps.stores";
  const unknown = named.filter((one) => !there.some(({ storeId }) => storeId === one.id));
  if (unknown.length === 0) return pass(id, `${count(named)} known`);
  const known = there.map(({ storeId, name }) => (name === "" ? storeId : `${storeId} (${name})`));
  return fail(
    id,
    `platform ${platformCode} has no store ${where(unknown)} in Lingxing`,
    `correct it; Lingxing has ${known.length === 0 ? "none of that platform: see IPASS_LINGXING_PLATFORM_CODE" : listed(known)}`,
  );
}

/** What was asked about single SKUs. */
export interface SkuFacts {
  readonly mapped: number;
  /** Asked at both vendors. */
  readonly asked: number;
  readonly unknownAtDsco: readonly string[];
  readonly unlistedInLingxing: readonly string[];
}

export function judgeSkus({ mapped, asked, unknownAtDsco, unlistedInLingxing }: SkuFacts): Finding {
  const id = "maps.skus";
  if (mapped === 0) return pass(id, "no map: SKUs are the same on both sides");
  const sample = asked === mapped ? `${mapped} pairs` : `${asked} of ${mapped} pairs`;
  if (unknownAtDsco.length + unlistedInLingxing.length === 0) return pass(id, `${sample} asked, both sides known`);
  const found = [
    ...(unknownAtDsco.length > 0 ? [`DSCO does not know ${listed(unknownAtDsco)}`] : []),
    ...(unlistedInLingxing.length > 0
      ? [`Lingxing lists no stock of ${listed(unlistedInLingxing)}, which may also mean that there is none`]
      : []),
  ];
  return warn(
    id,
    `${found.join("; ")} (${sample} asked)`,
    "correct IPASS_STOCK_SKU_TO_DSCO_SKU_JSON, or have the item set up at DSCO or paired in Lingxing",
  );
}

function count(named: readonly Named[]): string {
  return `${new Set(named.map(({ id }) => id)).size}`;
}

function where(named: readonly Named[]): string {
  return listed(named.map(({ id, variable }) => `${id} (${variable})`));
}

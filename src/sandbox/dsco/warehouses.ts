import { type Answer, jsonAnswer, type SandboxRequest } from "../endpoint.ts";
import { DSCO_WAREHOUSES } from "../options.ts";
import type { DscoContext } from "./context.ts";
import { DscoQuery } from "./query.ts";
import { Scrolls } from "./scrolls.ts";

type Warehouse = (typeof DSCO_WAREHOUSES)[number];
const PAGE_SIZE = 100;

/** GET /warehouse/page: by id, by status, or by status and name; no other search is known. */
export function warehousePages(dsco: DscoContext): (request: SandboxRequest) => Answer {
  const scrolls = new Scrolls<Warehouse>(dsco.dialect, dsco.now);
  return (request) => {
    const scrollId = request.query.get("scrollId");
    if (scrollId) {
      const { items, release } = scrolls.next(scrollId);
      return { ...toAnswer(items, scrollId), ...(release === undefined ? {} : { onSent: release }) };
    }
    const found = search(dsco, new DscoQuery(request.query, dsco.dialect, ["idType", "idValue", "status", "name"]));
    return toAnswer(found, found.length === 0 ? undefined : scrolls.open(found, PAGE_SIZE));
  };
}

function search(dsco: DscoContext, query: DscoQuery): Warehouse[] {
  const idType = query.oneOf("idType", ["code", "warehouseId"]);
  const status = query.oneOf("status", ["active", "inactive"]);
  const name = query.text("name");
  if (idType !== undefined) {
    const idValue = query.required("idValue");
    return DSCO_WAREHOUSES.filter((warehouse) => (idType === "code" ? warehouse.code : idOf(warehouse)) === idValue);
  }
  if (status === undefined) throw dsco.dialect.refuse(400, "badRequest", "give idType with idValue, or status, or status with name");
  return DSCO_WAREHOUSES.filter((warehouse) => warehouse.status === status && (name === undefined || warehouse.name === name));
}

function idOf({ code }: Warehouse): string {
  return `w-${code.toLowerCase()}`;
}

function toAnswer(found: readonly Warehouse[], scrollId: string | undefined): Answer {
  const warehouses = found.map((warehouse) => {
    const { code, name, status, city, region, postal } = warehouse;
    return { warehouseId: idOf(warehouse), code, name, status, address: ["9 Dock Rd"], city, region, postal, country: "US" };
  });
  return jsonAnswer(200, JSON.stringify({ ...(scrollId === undefined ? {} : { scrollId }), warehouses }));
}

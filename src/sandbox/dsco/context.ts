import type { CatalogItem } from "../catalog.ts";
import type { SandboxSettings } from "../options.ts";
import type { DscoDialect } from "./answers.ts";
import type { ChangeLog } from "./change-log.ts";
import type { Inventory } from "./inventory-state.ts";
import type { InvoiceBook } from "./invoices.ts";
import type { OrderBook } from "./order-book.ts";

/** What DSCO's calls share. */
export interface DscoContext {
  readonly now: () => Date;
  readonly settings: SandboxSettings;
  readonly dialect: DscoDialect;
  readonly catalog: readonly CatalogItem[];
  readonly book: OrderBook;
  readonly inventory: Inventory;
  readonly invoices: InvoiceBook;
  readonly orderLog: ChangeLog;
  readonly inventoryLog: ChangeLog;
  readonly invoiceLog: ChangeLog;
}

/** What a test or demo asked to have refused for one of these ids. */
export function refusalFor(settings: SandboxSettings, ...ids: readonly (string | undefined)[]): string | undefined {
  for (const id of ids) {
    const reason = id === undefined ? undefined : settings.refuse[id];
    if (reason !== undefined) return reason;
  }
  return undefined;
}

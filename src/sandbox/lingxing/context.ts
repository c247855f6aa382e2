import type { SandboxSettings } from "../options.ts";
import type { LingxingDialect } from "./envelope.ts";
import type { OrderDesk } from "./order-desk.ts";
import type { StockRoom } from "./stock.ts";

/** What Lingxing's calls share. */
export interface LingxingContext {
  readonly now: () => Date;
  readonly settings: SandboxSettings;
  readonly dialect: LingxingDialect;
  readonly desk: OrderDesk;
  readonly stock: StockRoom;
}

import { seedCatalog, seedStock } from "./catalog.ts";
import { AdvanceInput, OrdersInput, SettingsInput } from "./control-schemas.ts";
import { createDsco, DSCO_PREFIX, type DscoSandbox } from "./dsco/dsco.ts";
import { DscoPeople } from "./dsco-people.ts";
import { Exchange, type Vendor } from "./exchange.ts";
import { FaultPlan } from "./faults.ts";
import { createLingxing, LINGXING_PREFIX, type LingxingSandbox } from "./lingxing/lingxing.ts";
import { type SandboxOptions, type SandboxSettings, SETTING_NAMES, sandboxEnv, sandboxMapEnv } from "./options.ts";
import { seedOrders } from "./orders.ts";
import { seededRandom } from "./random.ts";
import { Limits } from "./rate-limit.ts";
import { readState, readSummary, type SandboxState, type SandboxSummary } from "./state.ts";
import { type SandboxStats, StatsCounter } from "./stats.ts";

/** Both vendors and the people behind them. What the control API does over HTTP, these methods do in process. */
export class Sandbox {
  readonly url: string;
  readonly dscoUrl: string;
  readonly lingxingUrl: string;
  /** The IPASS_* variables that point ipass here. */
  readonly env: Readonly<Record<string, string>>;
  /** The optional warehouse and logistics maps that fit the seeded orders. */
  readonly mapEnv: Readonly<Record<string, string>> = sandboxMapEnv();
  readonly settings: SandboxSettings;
  readonly vendors: readonly Vendor[];
  readonly exchange: Exchange;
  readonly #dsco: DscoSandbox;
  readonly #lingxing: LingxingSandbox;
  readonly #retailers: DscoPeople;
  readonly #faults: FaultPlan;
  readonly #stats = new StatsCounter();
  readonly #close: () => Promise<void>;

  /** `url` is where the server listens, `close` how it is stopped. */
  constructor(options: SandboxOptions, url: string, close: () => Promise<void>) {
    const { now, seed, credentials } = options;
    this.url = url;
    this.dscoUrl = url + DSCO_PREFIX;
    this.lingxingUrl = url + LINGXING_PREFIX;
    this.env = sandboxEnv(options, this.dscoUrl, this.lingxingUrl);
    this.settings = settingsOf(options);
    const ahead = (clock: "dscoClockMs" | "lingxingClockMs") => () => new Date(now().getTime() + this.settings[clock]);
    this.#close = close;
    this.#faults = new FaultPlan(seed, options.faults);
    const catalog = seedCatalog(options.skus, seed);
    this.#dsco = createDsco(this.settings, credentials, catalog, ahead("dscoClockMs"));
    this.#lingxing = createLingxing(this.settings, credentials, seedStock(catalog, seed), ahead("lingxingClockMs"));
    this.#retailers = new DscoPeople(this.#dsco, seed, seededRandom(seed ^ 0xadd));
    for (const order of seedOrders({ ...options, startMs: now().getTime(), catalog })) this.#dsco.book.add(order, 0);
    this.exchange = new Exchange(this.settings, this.#faults, new Limits(now), this.#stats);
    this.vendors = [
      { ...this.#dsco, prefix: DSCO_PREFIX },
      { ...this.#lingxing, prefix: LINGXING_PREFIX },
    ];
  }

  /** Frees the port; open connections are cut. */
  async close(): Promise<void> {
    await this.#close();
  }

  stats(): SandboxStats {
    return this.#stats.read();
  }

  resetStats(): void {
    this.#stats.reset();
  }

  /** What is true at both vendors; copies everything, so use `summary` for large numbers. */
  state(): SandboxState {
    return readState(this.#dsco, this.#lingxing);
  }

  summary(): SandboxSummary {
    return readSummary(this.#dsco, this.#lingxing);
  }

  /** The rules in force. */
  get faults(): readonly string[] {
    return this.#faults.specs;
  }

  /** Puts other faults in the place of those in force; throws UsageError for a rule that makes no sense, and keeps the old ones. */
  replaceFaults(specs: readonly string[]): readonly string[] {
    this.#faults.replace(specs);
    return this.#faults.specs;
  }

  /** Changes what is given and returns all settings. Work that is still settling follows the new settle time. */
  changeSettings(input: SettingsInput): SandboxSettings {
    Object.assign(this.settings, withoutUndefined(SettingsInput.parse(input)));
    return { ...this.settings };
  }

  /** What retailers do at DSCO. Returns the new orders' ids and how many orders each of the other changes met. */
  changeOrders(input: OrdersInput): { added: string[]; patched: number; cancelled: number; uncancelled: number } {
    const { add = [], patch = [], cancel = [], uncancel = [], updatedAt, visibleAt } = OrdersInput.parse(input);
    this.#dsco.settle();
    const times = { updatedMs: updatedAt, visibleMs: visibleAt };
    return {
      added: add.map((one) =>
        this.#retailers.add(one.order ?? {}, { updatedMs: one.updatedAt ?? updatedAt, visibleMs: one.visibleAt ?? visibleAt }),
      ),
      patched: patch.filter((one) =>
        this.#retailers.patch(one.id, one.set, { updatedMs: one.updatedAt ?? updatedAt, visibleMs: one.visibleAt ?? visibleAt }),
      ).length,
      cancelled: this.#retailers.cancel(cancel, times),
      uncancelled: this.#retailers.uncancel(uncancel, times),
    };
  }

  /** What people do in Lingxing. Returns how many orders (or stock rows) it met. */
  advance(input: AdvanceInput): { touched: number } {
    const step = AdvanceInput.parse(input);
    const { people, stock } = this.#lingxing;
    switch (step.action) {
      case "review":
        return { touched: people.review(step.numbers) };
      case "ship":
        return { touched: people.ship(step.numbers, step) };
      case "shipByPlatform":
        return { touched: people.shipByPlatform(step.numbers) };
      case "cancel":
        return { touched: people.cancel(step.numbers) };
      case "delete":
        return { touched: people.delete(step.numbers) };
      case "split":
        return { touched: people.split(step.numbers) };
      case "merge":
        return { touched: people.merge(step.numbers) };
      case "status":
        return { touched: people.setStatus(step.status, step.numbers) };
      case "stock":
        return { touched: stock.edit(step.rows) };
    }
  }
}

function settingsOf(options: SandboxOptions): SandboxSettings {
  return Object.fromEntries(SETTING_NAMES.map((name) => [name, options[name]])) as unknown as SandboxSettings;
}

function withoutUndefined(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { SANDBOX_CREDENTIALS, type SandboxOptions } from "../../src/sandbox/options.ts";
import { type Env, PULL, PUSH, type World } from "../jobs/world.ts";
import type { CliResult } from "./cli.ts";

/** Nobody else uses these words: wherever one turns up, it came from here. */
export const PERSON = {
  name: "Quinzel Zyxcanary",
  company: "Zyxcompany Ltd",
  attention: "Zyxattention",
  address: ["77 Zyxstreet", "Zyxfloor 4"],
  city: "Zyxville",
  postal: "90876",
  phone: "+1 (555) 019-9887",
  email: "zyx.mail@zyxdomain.example",
};
// Not /zyx/ alone: three letters turn up in the base64 of nonces and hashes.
const PERSONAL = [/zyx(?:can|com|att|str|flo|vil|dom|fri|lin|\.ma)/i, /quinzel/i, /019\D?9887/];

export const SECRETS = {
  ...SANDBOX_CREDENTIALS,
  dscoToken: "canarydscotoken0123456789",
  dscoClientSecret: "canary+client/secret=98",
  lingxingAppSecret: "canary/app+secret==7654",
  lingxingAccessToken: "canary00-4c4c-4d4d-8e8e-aaaabbbbcccc",
};
export const DB_PASSWORD = "canaryDbPassw0rd";
export const ADMIN_TOKEN = "canary-admin/token+31415926";
export const SECRET_TEXTS: readonly string[] = [
  SECRETS.dscoToken,
  SECRETS.dscoClientSecret,
  SECRETS.lingxingAppSecret,
  SECRETS.lingxingAccessToken,
  DB_PASSWORD,
  ADMIN_TOKEN,
];
const FORBIDDEN = [
  ...PERSONAL,
  // Part of a secret is too much, too: all of these begin with the same word.
  /canary/i,
  ...SECRET_TEXTS.flatMap((secret) =>
    [secret, encodeURIComponent(secret), Buffer.from(secret).toString("base64").replace(/=+$/, "").slice(0, -1)].map(
      (form) => new RegExp(form.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&"), "i"),
    ),
  ),
  /sign(ature)?=(?!\*\*\*|\[redacted\])[\w%+/]{16,}/i,
  // Not the words in which ipass asks for one: `Bearer <IPASS_ADMIN_TOKEN>`, `Bearer realm="ipass"`, "the admin's bearer token".
  /bearer (?!\*\*\*|\[redacted\]|<|&lt;|realm=|token\b)\S{6,}/i,
];

/** What of this text nobody may see, with what stands around it. */
export function leaksIn(where: string, text: string): string[] {
  return FORBIDDEN.flatMap((forbidden) => {
    const at = text.search(forbidden);
    return at < 0 ? [] : [`${where}: ${forbidden} in …${text.slice(Math.max(0, at - 160), at + 100)}…`];
  });
}

/** A world whose secrets and whose buyers' data are canaries, and everything that ipass has shown of it. */
export class Canaries {
  readonly world: World;
  readonly #printed: string[] = [];

  constructor(world: World) {
    this.world = world;
  }

  /** Orders whose every text about the buyer is a canary, some of them broken in ways that make ipass speak of them. */
  async open(orders = 24, broken = 12, options: Partial<SandboxOptions> = {}): Promise<void> {
    const { world } = this;
    this.#printed.length = 0;
    rmSync(join(world.cli.cwd, "logs"), { recursive: true, force: true });
    await world.open({ orders, broken, limits: false, credentials: SECRETS, ...options });
    const patch = world.vendors.state().dsco.orders.flatMap((order) => {
      const shipping = order.shipping as Record<string, unknown>;
      const kept = Object.keys(PERSON).filter(
        (field) => shipping[field] !== null && shipping[field] !== undefined && shipping[field] !== "",
      );
      const set = Object.fromEntries([...kept, "company", "attention"].map((field) => [field, PERSON[field as keyof typeof PERSON]]));
      return order.dscoOrderId === undefined
        ? []
        : [{ id: String(order.dscoOrderId), set: { shipping: set, giftMessage: "Love, Zyxfriend" } }];
    });
    world.vendors.changeOrders({
      patch: patch.map(({ id, set }) => ({ id: /\d+/.exec(id.replace(/[^\d]/g, ""))?.[0] ?? id, set: set as never })),
      add: [
        { order: { dscoOrderId: null, shipping: PERSON, lineItems: "Zyxlines" } as never },
        { order: { dscoOrderId: "zero0001", shipping: PERSON.name, lineItems: [{ quantity: PERSON.name, sku: "MUG-1" }] } as never },
        { order: { dscoOrderId: "zero0002", poNumber: "PO-2", shipping: { ...PERSON, country: PERSON.name } } as never },
        { order: { dscoOrderId: "zero0003", shipping: PERSON, dscoStatus: "created", requestedWarehouseCode: "WH-CA" } as never },
      ],
      updatedAt: Date.now() - 20_000,
    });
  }

  /** Every job has done its work and left some for the next pass: there are orders at each stage, and stock. */
  async ranAllJobs(): Promise<void> {
    const { vendors } = this.world;
    await this.ipass(["run", PULL]);
    await this.ipass(["run", PUSH, "--limit", "20"]);
    vendors.advance({ action: "review" });
    await this.ipass(["run", "ack_to_dsco", "--limit", "8"]);
    vendors.advance({ action: "ship" });
    await this.ipass(["run", "ship_to_dsco", "--limit", "5"]);
    await this.ipass(["run", "invoice_to_dsco", "--limit", "2"]);
    await this.ipass(["run", "sync_stock"]);
  }

  /** `ipass …` in a process of its own; what it printed is looked at later. */
  async ipass(args: readonly string[], env: Env = {}): Promise<CliResult> {
    const result = await this.world.start(args, env).done;
    this.shown(result.stdout, result.stderr);
    return result;
  }

  /** What DSCO knows of the buyers of its orders. */
  get buyers(): string {
    const known = this.world.vendors.state().dsco.orders.map(({ shipping }) => {
      const { name, address, city, phone, email } = shipping as Readonly<Record<string, unknown>>;
      return [name, address, city, phone, email].flat().filter(Boolean).join(", ");
    });
    return [...new Set(known)].join("; ");
  }

  /** Texts that ipass has shown elsewhere than at the end of a command. */
  shown(...texts: readonly string[]): void {
    this.#printed.push(...texts);
  }

  async lookAround(): Promise<void> {
    await this.ipass(["order-state", "--json", "--limit", "200"]);
    await this.ipass(["order-state", "--push-status", "3"]);
    await this.ipass(["manual-tasks", "--json", "--limit", "200"]);
    await this.ipass(["manual-tasks"]);
    const [order] = await this.world.orders();
    const [task] = await this.world.tasks();
    await this.ipass(["order-state", order?.dsco_order_id ?? "0"]);
    if (task !== undefined) await this.ipass(["manual-tasks", "show", task.id]);
  }

  async expectNothingLeaked(note = ""): Promise<void> {
    const shown = await this.#everythingShown();
    expect(
      Object.entries(shown).flatMap(([where, text]) => leaksIn(where, text)),
      note,
    ).toEqual([]);
  }

  /** Everything ipass has shown or written so far, but the raw orders. Tokens it has fetched are sealed, so their table counts. */
  async #everythingShown(): Promise<Record<string, string>> {
    const { world } = this;
    const tables = await world.db.query<{ name: string }>(
      "select table_name as name from information_schema.tables where table_schema = database() and table_name <> 'dsco_order_raw'",
    );
    expect(tables.map(({ name }) => name)).toEqual(expect.arrayContaining(["sync_order_state", "manual_task", "order_event", "job_run"]));
    const rows = await Promise.all(
      tables.map(async ({ name }) => [name, JSON.stringify(await world.db.query(`select * from \`${name}\``))] as const),
    );
    return {
      printed: this.#printed.join("\n"),
      ...Object.fromEntries(["debug", "info", "warn", "error"].map((level) => [`${level}.log`, world.logText(level)])),
      ...Object.fromEntries(rows),
    };
  }
}

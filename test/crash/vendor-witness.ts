import type { Answer, CallName, SandboxRequest } from "../../src/sandbox/endpoint.ts";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { tamper } from "../helpers/whole-run.ts";
import { until } from "../jobs/world.ts";
import type { Told } from "./facts.ts";

/** The calls that change something at a vendor. */
export const EFFECTS = ["create", "ack", "ship", "invoice", "inventory"] as const satisfies readonly CallName[];
export type Effect = (typeof EFFECTS)[number];

/** A process takes long to start on a busy machine. */
const WAIT_MS = 60_000;

type Handle = (request: SandboxRequest) => Answer | Promise<Answer>;
type Hold = (take: () => Answer | Promise<Answer>) => Answer | Promise<Answer>;

/** Stands at the vendors' doors: notes what they were told, and can hold a request up on its way. */
export class VendorWitness {
  readonly #told = new Map<Effect, Map<string, number>>();
  readonly #holds = new Map<Effect, Hold>();
  readonly #taken = new Map<Effect, number>();
  readonly #sandbox: Sandbox;
  #underWay = 0;

  constructor(sandbox: Sandbox) {
    this.#sandbox = sandbox;
    for (const call of EFFECTS) {
      this.#told.set(call, new Map());
      tamper(sandbox, call, (request, handle) => this.#held(call, () => this.#note(call, request, handle)));
    }
  }

  /** Of requests the vendors took, whatever became of the answer. */
  get told(): Told {
    return Object.fromEntries(this.#told);
  }

  /** How many requests of a kind the vendors have taken so far. */
  taken(call: Effect): number {
    return this.#taken.get(call) ?? 0;
  }

  /** The next request of this kind, and only it, goes through `hold`. */
  holdNext(call: Effect, hold: Hold): void {
    this.#holds.set(call, hold);
  }

  /** The next request of this kind has arrived, and the vendor takes it only when the function returned is called. */
  delayNext(call: Effect): () => void {
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    this.holdNext(call, (take) => released.then(take));
    return release;
  }

  /** Resolves when a request stands at a vendor's door and is not through yet. */
  async waiting(): Promise<void> {
    await until("a request waits at a vendor's door", () => this.#underWay > 0, WAIT_MS);
  }

  /**
   * Resolves when every request that has left is through, also those of processes that are gone. The vendors live in this process, so what
   * was in their sockets before our own question has been read when that is answered: in two rounds, a new connection takes one to accept.
   */
  async quiet(): Promise<void> {
    for (let round = 1; round <= 2; round++) await (await fetch(`${this.#sandbox.url}/_sandbox/settings`)).text();
    await until("the vendors are at rest", () => this.#underWay === 0, WAIT_MS);
  }

  async #held(call: Effect, take: () => Answer | Promise<Answer>): Promise<Answer> {
    const hold = this.#holds.get(call);
    this.#holds.delete(call);
    this.#underWay += 1;
    try {
      return await (hold === undefined ? take() : hold(take));
    } finally {
      this.#underWay -= 1;
    }
  }

  async #note(call: Effect, request: SandboxRequest, handle: Handle): Promise<Answer> {
    const answer = await handle(request);
    this.#taken.set(call, this.taken(call) + 1);
    const told = this.#told.get(call);
    for (const about of subjectsOf(request)) told?.set(about, (told.get(about) ?? 0) + 1);
    return answer;
  }
}

interface Body {
  readonly orders?: readonly { readonly platform_order_no: string }[];
}
interface Reported {
  readonly dscoOrderId?: unknown;
  readonly id?: unknown;
  readonly sku?: unknown;
}

function subjectsOf({ body }: SandboxRequest): string[] {
  const sent = JSON.parse(body.toString("utf8")) as Body | readonly Reported[];
  if ("orders" in sent) return (sent.orders ?? []).map(({ platform_order_no }) => platform_order_no);
  return (sent as readonly Reported[]).map(({ dscoOrderId, id, sku }) => String(dscoOrderId ?? id ?? sku));
}

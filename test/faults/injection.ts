import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import type { World } from "../jobs/world.ts";
import type { VendorCall } from "./calls.ts";
import type { Fault } from "./faults.ts";
import type { HowOften } from "./rule.ts";

/** A time limit that is to run out must leave the vendor its time to act, and may take it from nobody else. */
const SHORT_LIMIT_MS = 150;
const SHORTEST_LIMIT_MS = 20;

export interface Injected {
  /** How often the fault has met a call so far. */
  fired(): number;
  /** The vendor is well again. */
  remove(): void;
}

/** Puts a fault in the way of a call: its first one, or each. */
export async function inject(world: World, call: VendorCall, { kind }: Fault, how: HowOften): Promise<Injected> {
  const { vendors } = world;
  vendors.resetStats();
  const given = call.given ?? [];
  if (kind === "refused") {
    vendors.replaceFaults(given);
    return refuseConnections(world, call, how);
  }
  vendors.replaceFaults([...given, `${call.target}:${kind}:${how === "once" ? "#1" : "1"}`]);
  const restore = kind.startsWith("timeout") ? shortenLimit(call, how) : () => undefined;
  return {
    fired: () => Object.entries(vendors.stats().faults).reduce((sum, [name, times]) => sum + (isOf(name, call, kind) ? times : 0), 0),
    remove: () => {
      vendors.replaceFaults([]);
      restore();
    },
  };
}

function isOf(counted: string, { target }: VendorCall, kind: string): boolean {
  return target === "scroll" ? counted.endsWith(`:${kind}`) : counted === `${target}:${kind}`;
}

/** The next attempt, or all of them, get little time; the others as much as ever. */
function shortenLimit({ endpoint, kind, target }: VendorCall, how: HowOften): () => void {
  const { timeoutMs } = endpoint;
  const isOnlyAsked = kind !== "write" && how === "always" && target !== "scroll";
  const short = isOnlyAsked ? SHORTEST_LIMIT_MS : SHORT_LIMIT_MS;
  let attempts = 0;
  Object.defineProperty(endpoint, "timeoutMs", {
    configurable: true,
    enumerable: true,
    get: () => (how === "once" && target !== "scroll" && ++attempts > 1 ? timeoutMs : short),
  });
  return () => Object.defineProperty(endpoint, "timeoutMs", { configurable: true, enumerable: true, writable: true, value: timeoutMs });
}

/** Leads the call to a port where nobody listens: what comes back is the system's own refusal. */
async function refuseConnections({ vendors }: World, { endpoint, target }: VendorCall, how: HowOften): Promise<Injected> {
  const port = await closedPort();
  const real = globalThis.fetch;
  let fired = 0;
  globalThis.fetch = (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const isMeant = url.pathname.endsWith(endpoint.path) && (target !== "scroll" || url.searchParams.has("scrollId"));
    if (!isMeant || (how === "once" && fired > 0)) return real(input, init);
    fired += 1;
    url.port = String(port);
    return real(url, init);
  };
  return {
    fired: () => fired,
    remove: () => {
      globalThis.fetch = real;
      vendors.replaceFaults([]);
    },
  };
}

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

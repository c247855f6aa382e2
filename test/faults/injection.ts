import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import type { World } from "../jobs/world.ts";
import type { VendorCall } from "./calls.ts";
import type { Fault } from "./faults.ts";
import { holdLimits } from "./held-limits.ts";
import type { HowOften } from "./rule.ts";

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
  const fired = () => Object.entries(vendors.stats().faults).reduce((sum, [name, times]) => sum + (isOf(name, call, kind) ? times : 0), 0);
  const onlyNext = how === "once" && call.target !== "scroll"; // a further page shares its endpoint with the first
  const restore = kind.startsWith("timeout") ? holdLimits(call.endpoint, { onlyNext, fired }) : () => undefined;
  return {
    fired,
    remove: () => {
      vendors.replaceFaults([]);
      restore();
    },
  };
}

function isOf(counted: string, { target }: VendorCall, kind: string): boolean {
  return target === "scroll" ? counted.endsWith(`:${kind}`) : counted === `${target}:${kind}`;
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

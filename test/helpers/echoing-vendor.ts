import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** What may be quoted: everything about a request that a server sees, and the buyers, whom it knows from elsewhere. */
interface Quoted {
  readonly request: string;
  readonly about: string;
}

interface Echo {
  readonly status: number;
  readonly type: string;
  readonly body: (quoted: Quoted) => string;
}

const JSON_TYPE = "application/json";

/** How a vendor, or a proxy in front of it, may quote what it was sent. Both vendors' words for it stand in the same answer. */
const ECHOES = {
  "with a page of HTML": {
    status: 502,
    type: "text/html",
    body: ({ request, about }) => `<html><title>${about}</title><pre>${request}</pre></html>`,
  },
  "refusing the credentials": { status: 403, type: JSON_TYPE, body: (quoted) => refusal("2001004", quoted) },
  throttling: { status: 429, type: JSON_TYPE, body: (quoted) => refusal("429", quoted) },
  "refusing the request": { status: 400, type: JSON_TYPE, body: (quoted) => refusal("102", quoted) },
  "with a fault of its own": { status: 500, type: JSON_TYPE, body: (quoted) => refusal("500", quoted) },
  "accepting, in another shape": {
    status: 200,
    type: JSON_TYPE,
    body: ({ request, about }) => JSON.stringify({ code: 0, message: about, orders: request, data: [request, about], results: about }),
  },
} as const satisfies Readonly<Record<string, Echo>>;

/** Calls about orders, in which a vendor may speak of their buyers: by name, by number, or by the request that took them there. */
const ABOUT_ORDERS = /create|acknowledge|shipment|invoice|order\/log|platform_order_nos|orderKey=/;

/** Where doctor is sent: it asks for no order that anybody has. */
export const FOR_NOBODY = "/probe";

export type EchoName = keyof typeof ECHOES;
export const ECHO_NAMES = Object.keys(ECHOES) as EchoName[];

function refusal(code: string, { request, about }: Quoted): string {
  const description = [about, request.slice(0, 150), request];
  return JSON.stringify({
    code,
    message: about,
    error_details: description,
    status: "failure",
    messages: [{ code: "invalid", severity: "error", description }],
    error: about,
    error_description: request,
  });
}

/** A server that answers whatever it is asked with what it was asked. */
export class EchoingVendor {
  readonly url: string;
  /** `POST /path`, with ` about orders` where it is, of every request so far. */
  readonly heard = new Set<string>();
  /** How it answers from now on. */
  way: EchoName = "refusing the request";
  readonly #server: Server;

  readonly #buyers: string;

  private constructor(server: Server, buyers: string) {
    this.#server = server;
    this.#buyers = buyers;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** `buyers`: what the vendor knows of those whom the orders are about. */
  static async start(buyers: string): Promise<EchoingVendor> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const vendor = new EchoingVendor(server, buyers);
    server.on("request", async (request, response) => {
      const { status, type, body } = ECHOES[vendor.way];
      const quoted = await vendor.#quote(request);
      response.writeHead(status, { "content-type": type });
      response.end(body(quoted));
    });
    return vendor;
  }

  async #quote(request: IncomingMessage): Promise<Quoted> {
    const { method, url = "/", headers } = request;
    let body = "";
    for await (const text of request.setEncoding("utf8")) body += text;
    const isAboutOrders = !url.startsWith(FOR_NOBODY) && ABOUT_ORDERS.test(`${url} ${body}`);
    this.heard.add(`${method} ${url.split("?")[0]}${isAboutOrders ? " about orders" : ""}`);
    return {
      request: `${headers.authorization} ${decodeURIComponent(url)} ${url} ${body} ${JSON.stringify(headers)}`,
      about: isAboutOrders ? this.#buyers : "",
    };
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

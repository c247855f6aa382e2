import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** What may be quoted: everything about a request that a server sees, and words about buyers, whom it knows from elsewhere. */
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
  "refusing the request": { status: 400, type: JSON_TYPE, body: (quoted) => refusal("102", quoted) },
  "with a fault of its own": { status: 500, type: JSON_TYPE, body: (quoted) => refusal("500", quoted) },
  "accepting, in another shape": {
    status: 200,
    type: JSON_TYPE,
    body: ({ request, about }) => JSON.stringify({ code: 0, message: about, orders: request, data: [request, about], results: about }),
  },
} as const satisfies Readonly<Record<string, Echo>>;

/** Of these a vendor may well speak by the buyer's name; a look-up by numbers gives it no reason to. */
const WRITES = /create|acknowledge|shipment|invoice/;

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
  /** `POST /path` of every request so far. */
  readonly heard = new Set<string>();
  /** How it answers from now on. */
  way: EchoName = "refusing the request";
  readonly #server: Server;

  readonly #about: (body: string) => string;

  private constructor(server: Server, about: (body: string) => string) {
    this.#server = server;
    this.#about = about;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** `about`: what the vendor knows of those whom an order, a confirmation, a shipment or an invoice is about. */
  static async start(about: (body: string) => string): Promise<EchoingVendor> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const vendor = new EchoingVendor(server, about);
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
    this.heard.add(`${method} ${url.split("?")[0]}`);
    let body = "";
    for await (const text of request.setEncoding("utf8")) body += text;
    return {
      request: `${headers.authorization} ${decodeURIComponent(url)} ${url} ${body} ${JSON.stringify(headers)}`,
      about: WRITES.test(url) ? this.#about(body) : "",
    };
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

import { connect } from "node:net";
import { expect } from "vitest";
import type { RunningCli } from "../helpers/cli.ts";
import type { Env, World } from "../jobs/world.ts";
import { expectAsDocumented } from "./openapi.ts";

export const TOKEN = "an-admin-token-of-the-tests";
export const BEARER = { authorization: `Bearer ${TOKEN}` };

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON. */
  json<T = { readonly error: { readonly code: number; readonly name: string; readonly message: string; readonly next_step: string } }>(): T;
}

export interface AskOptions {
  readonly method?: string;
  /** Instead of the bearer token. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | ReadableStream;
}

/** A running admin. Whatever it answers is compared with docs/openapi-admin.yaml. */
export class Served {
  readonly url: string;
  readonly done: RunningCli["done"];
  readonly pid: number;
  readonly #running: RunningCli;

  constructor(url: string, running: RunningCli) {
    this.url = url;
    this.#running = running;
    this.done = running.done;
    this.pid = running.pid;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  get(target: string, headers: AskOptions["headers"] = BEARER): Promise<Answer> {
    return this.ask(target, { headers });
  }

  post(target: string, options: Omit<AskOptions, "method"> = {}): Promise<Answer> {
    return this.ask(target, { ...options, method: "POST" });
  }

  /** `target` begins with a slash. */
  async ask(target: string, options: AskOptions = {}): Promise<Answer> {
    return ask(this.url, target, options);
  }

  kill(signal?: NodeJS.Signals): void {
    this.#running.kill(signal);
  }

  /** Stops it, and expects that it was fine to the end. */
  async stop(): Promise<void> {
    this.kill("SIGTERM");
    expect(await this.done).toMatchObject({ code: 0, signal: null, stderr: "" });
  }
}

export async function ask(url: string, target: string, { method = "GET", headers = BEARER, body }: AskOptions = {}): Promise<Answer> {
  const response = await fetch(`${url.replace(/\/$/, "")}${target}`, {
    method,
    headers,
    redirect: "manual",
    ...(body === undefined ? {} : { body, duplex: "half" }),
  });
  const text = await response.text();
  const path = target.split("?")[0] ?? "";
  if (method === "GET" || method === "POST") expectAsDocumented(method, path, response.status, response.headers.get("content-type"), text);
  expect(response.headers.get("x-trace-id"), `${method} ${target}`).toMatch(/^[\x20-\x7e]{1,64}$/);
  for (const [name, value] of SECURITY_HEADERS) expect(response.headers.get(name), `${method} ${target}: ${name}`).toMatch(value);
  expect(text).not.toMatch(/\n\s+at |node_modules|\.ts:\d/);
  expect(text).not.toContain(TOKEN);
  return { status: response.status, headers: response.headers, text, json: () => JSON.parse(text) };
}

const SECURITY_HEADERS = [
  ["content-security-policy", /default-src 'none'.*script-src 'nonce-[^']+'.*frame-ancestors 'none'/],
  ["x-content-type-options", /^nosniff$/],
  ["cache-control", /^no-store$/],
  ["referrer-policy", /^no-referrer$/],
] as const;

/** `ipass serve` on a free port of this machine, its token TOKEN; `env` goes over that. */
export async function serve(world: World, env: Env = {}): Promise<Served> {
  const running = world.start(["serve", "--json"], { IPASS_HTTP_ADDR: "127.0.0.1:0", IPASS_ADMIN_TOKEN: TOKEN, ...env });
  const stdout = await running.printed(/\n/);
  return new Served((JSON.parse(stdout) as { url: string }).url, running);
}

/** What comes back for bytes that fetch would not send; sent piece by piece, until the server closes the connection. */
export function sendRaw(port: number, ...pieces: readonly (string | Buffer)[]): Promise<string> {
  return new Promise((resolve) => {
    let received = "";
    const socket = connect(port, "127.0.0.1", () => {
      for (const piece of pieces) socket.write(piece);
    });
    socket.setEncoding("latin1").on("data", (text: string) => {
      received += text;
    });
    socket.on("error", () => socket.destroy()); // reset by the server: "close" tells
    socket.on("close", () => resolve(received));
  });
}

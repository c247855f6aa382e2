import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it, onTestFinished } from "vitest";
import { parseServerDsn } from "../../scripts/server-dsn.mjs";
import { type AdminServer, type Limits, startAdmin } from "../../src/admin/server.ts";
import { App } from "../../src/app.ts";
import { startSandbox } from "../../src/sandbox/server.ts";
import { useTestDatabase } from "../helpers/mysql.ts";
import type { Env } from "../jobs/world.ts";
import { ask, BEARER, sendRaw, TOKEN } from "./served.ts";

const db = await useTestDatabase();
const logs = mkdtempSync(join(tmpdir(), "ipass-limits-"));
afterAll(() => rmSync(logs, { recursive: true, force: true }));

/** As `ipass serve` does, but in this process and with limits a test can wait for. */
async function start(limits: Partial<Limits>, settings: Env = {}): Promise<{ admin: AdminServer; port: number; stop(): Promise<void> }> {
  const env = { IPASS_DB_DSN: db.dsn, IPASS_HTTP_ADDR: "127.0.0.1:0", IPASS_ADMIN_TOKEN: TOKEN, IPASS_LOG_DIR: logs, ...settings };
  const app = new App(env, "limits");
  const generous = { headersMs: 60_000, requestMs: 60_000, answerMs: 60_000, pageWaitMs: 60_000 };
  const admin = await startAdmin(app, app.config(["admin", "database", "jobs", "rules"]), { ...generous, ...limits });
  const stop = async () => {
    await admin.drain();
    await app[Symbol.asyncDispose]();
  };
  running.push(stop);
  return { admin, port: Number(new URL(admin.url).port), stop };
}

const running: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of running.splice(0)) await stop();
});

describe("whoever dawdles is cut off", () => {
  it("with the headers: 408", async () => {
    const { port } = await start({ headersMs: 200 });
    expect(await sendRaw(port, "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ")).toMatch(/^HTTP\/1\.1 408 .*"next_step"/s);
  });

  it("with nothing at all: the connection ends", async () => {
    const { port } = await start({ headersMs: 200 });
    await sendRaw(port);
  });

  it.each(["Content-Length: 20\r\n\r\nhalf of it", "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"])(
    "with the body (%j): 408",
    async (rest) => {
      const { port } = await start({ requestMs: 200 });
      const head = `POST /admin/watermark/set?job=pull_dsco_orders HTTP/1.1\r\nHost: x\r\nAuthorization: ${BEARER.authorization}\r\nConnection: close\r\n`;
      expect(await sendRaw(port, `${head}${rest}`)).toMatch(/^HTTP\/1\.1 408 .*"next_step"/s);
      expect(await db.query("select 1 from job_watermark")).toEqual([]);
    },
  );

  it("and others are answered meanwhile", async () => {
    const { admin, port } = await start({ requestMs: 400 });
    const slow = [...Array(50).keys()].map(() =>
      sendRaw(port, "POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nConnection: close\r\n\r\n"),
    );
    for (let asked = 0; asked < 20; asked++) expect((await ask(admin.url, "/healthz")).status).toBe(200);
    for (const answer of await Promise.all(slow)) expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  });
});

/** Stands before the database, and can turn into a network that swallows packets. */
async function blackHole(): Promise<{ dsn: string; swallow(): void; close(): void }> {
  const { host, port } = parseServerDsn(db.dsn);
  const sockets = new Set<Socket>();
  let swallowing = false;
  const server: Server = createServer((client) => {
    const upstream = connect(port, host);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.on("data", (data) => swallowing || to.write(data));
      from.on("close", () => to.destroy());
      from.on("error", () => from.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const url = new URL(db.dsn);
  url.host = `127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  return {
    dsn: url.href,
    swallow: () => {
      swallowing = true;
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

it("a database that does not answer any more: 503, for more requests than there are connections", async () => {
  const hole = await blackHole();
  const { admin, stop } = await start({ answerMs: 300 }, { IPASS_DB_DSN: hole.dsn });
  expect((await ask(admin.url, "/admin/order_states")).status).toBe(200);
  hole.swallow();
  const targets = ["/readyz", "/metrics", ...Array<string>(10).fill("/admin/order_states")];
  for (const answer of await Promise.all(targets.map((target) => ask(admin.url, target)))) {
    expect(answer.status).toBe(503);
    expect(answer.json().error).toMatchObject({ code: 13, name: "database", message: "the database has not answered for 0.3 s" });
  }
  expect((await ask(admin.url, "/healthz")).status).toBe(200);
  running.splice(0);
  await stop(); // although the connections still hang
  hole.close();
});

it("a pass that the page waits for no longer goes on, and the end waits for it", async () => {
  const vendors = await startSandbox({ orders: 1, latencyMs: 200 });
  onTestFinished(() => vendors.close());
  const { admin, stop } = await start({ pageWaitMs: 1 }, vendors.env);
  const form = { ...BEARER, "content-type": "application/x-www-form-urlencoded" };
  const told = await ask(admin.url, "/ui/run", { method: "POST", headers: form, body: "job=pull_dsco_orders&reason=slow" });
  expect(told.status).toBe(303);
  running.splice(0);
  await stop();
  expect(await db.query("select exit_name from job_run where kind = 'pass'")).toEqual([{ exit_name: "ok" }]);
});

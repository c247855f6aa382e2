import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MAX_BODY_BYTES } from "../../src/admin/read-body.ts";
import type { Route } from "../../src/admin/request.ts";
import { ROUTES } from "../../src/admin/routes.ts";
import { SESSION_COOKIE } from "../../src/admin/session.ts";
import { useCli } from "../helpers/cli.ts";
import { useTestDatabase } from "../helpers/mysql.ts";
import { World } from "../jobs/world.ts";
import { type Answer, BEARER, type Served, sendRaw, serve, TOKEN } from "./served.ts";

const db = await useTestDatabase();
const world = new World(db, useCli({ IPASS_DB_DSN: db.dsn }));
const routes = ROUTES.map((route) => ({ name: `${route.method} ${route.path}`, route }));
const guarded = routes.filter(({ route }) => route.auth !== "none");
const posts = routes.filter(({ route }) => route.method === "POST");

/** Every test asks this one, so that whatever it was asked before must not have harmed it. */
let admin: Served;
beforeAll(async () => {
  admin = await serve(world);
});
afterAll(() => admin.stop());

const to = (server: Served, route: Route, headers: Readonly<Record<string, string>>) =>
  server.ask(route.path, { method: route.method, headers });
/** Whether the route itself has answered: without a query or a body most of them have nothing to do but say so. */
const letIn = ({ status }: Answer) => ![401, 403].includes(status);

it("only the two health checks are open to everybody", () => {
  // Said by name: every other test here takes from the routes themselves what they ask for.
  expect(routes.filter(({ route }) => route.auth === "none").map(({ name }) => name)).toEqual(["GET /healthz", "GET /readyz"]);
});

describe("with a token", () => {
  it.each(guarded)("$name: 401 without it, and with a wrong one", async ({ route }) => {
    for (const headers of [
      {},
      { authorization: "Bearer wrong" },
      { authorization: `Basic ${TOKEN}` },
      { cookie: `${SESSION_COOKIE}=1.2.3` },
    ]) {
      const answer = await to(admin, route, headers);
      // Whoever signs in need not be known; the empty form they sent is what is wrong.
      expect(answer.status).toBe(route.auth === "sign_in" ? 400 : 401);
      if (answer.status === 401) expect(answer.headers.get("www-authenticate")).toBe('Bearer realm="ipass"');
      if (route.auth === "page") expect(answer.text).toMatch(/<form[^>]* action="\/login"/);
    }
  });

  it.each(routes)("$name: is reached with it", async ({ route }) => {
    expect(letIn(await to(admin, route, BEARER))).toBe(true);
  });

  it.each(routes.filter(({ route }) => route.auth === "none"))("$name: needs none", async ({ route }) => {
    expect(letIn(await to(admin, route, {}))).toBe(true);
  });
});

describe("signed in", () => {
  const signIn = (headers: Readonly<Record<string, string>> = {}) =>
    admin.post("/login", {
      headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
      body: `token=${encodeURIComponent(TOKEN)}`,
    });
  const cookieOf = (answer: Answer) => answer.headers.get("set-cookie")?.split(";")[0] ?? "";
  const csrfOf = async (cookie: string) => / name="csrf" value="([^"]+)"/.exec((await admin.get("/", { cookie })).text)?.[1] ?? "";

  it("by a form, with a cookie no script and no other site can use", async () => {
    const answer = await signIn();
    expect(answer.status).toBe(303);
    expect(answer.headers.get("location")).toBe("/");
    expect(answer.headers.get("set-cookie")).toMatch(/^ipass_session=[\w.-]+; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/);
    expect((await signIn({ "x-forwarded-proto": "https" })).headers.get("set-cookie")).toMatch(/; HttpOnly; Secure; SameSite=Strict$/);
  });

  it.each(["", "token=", "token=wrong", `token=${TOKEN}x`])("not with %j", async (body) => {
    const answer = await admin.post("/login", { headers: { "content-type": "application/x-www-form-urlencoded" }, body });
    expect([400, 401]).toContain(answer.status);
    expect(answer.headers.get("set-cookie")).toBeNull();
  });

  it("the page and every read are open", async () => {
    const cookie = cookieOf(await signIn());
    for (const { route } of guarded.filter(({ route }) => route.method === "GET"))
      expect(letIn(await to(admin, route, { cookie })), route.path).toBe(true);
  });

  it.each(posts.filter(({ route }) => route.auth !== "sign_in"))(
    "$name: 403 without the CSRF field, with an empty, or that of another session",
    async ({ route }) => {
      const [cookie, other] = [cookieOf(await signIn()), cookieOf(await signIn())];
      const form = { cookie, "content-type": "application/x-www-form-urlencoded" };
      for (const body of [undefined, "csrf=", `csrf=${await csrfOf(other)}`, `x=${await csrfOf(cookie)}`]) {
        const answer = await admin.post(route.path, { headers: form, ...(body === undefined ? {} : { body }) });
        expect(answer.status, body).toBe(403);
        expect(answer.json().error.message).toContain("CSRF");
      }
      const csrf = await csrfOf(cookie);
      expect(letIn(await admin.post(route.path, { headers: form, body: `csrf=${csrf}` }))).toBe(true);
      expect(letIn(await admin.post(route.path, { headers: { cookie, "x-csrf-token": csrf } }))).toBe(true);
    },
  );

  it("and out again: the browser is told to drop the cookie", async () => {
    const cookie = cookieOf(await signIn());
    const answer = await admin.post("/logout", {
      headers: { cookie, "x-csrf-token": await csrfOf(cookie), "content-type": "application/x-www-form-urlencoded" },
    });
    expect(answer.status).toBe(303);
    expect(answer.headers.get("set-cookie")).toMatch(/^ipass_session=; Max-Age=0; Path=\/; HttpOnly; SameSite=Strict$/);
  });
});

describe("whatever is not in the table", () => {
  it.each(routes)("any other method for $name: 404", async ({ route }) => {
    for (const method of ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"].filter((other) => other !== route.method)) {
      const answer = await admin.ask(route.path, { method });
      expect(answer.status, method).toBe(404);
      expect(answer.json().error.message).toBe(`there is no ${method} ${route.path}`);
    }
    for (const method of ["TRACE", "PURGE"])
      expect(await sendRaw(admin.port, `${method} ${route.path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)).toMatch(
        /^HTTP\/1\.1 (404|400) /,
      );
  });

  it.each([
    "/nothing",
    "/admin",
    "/admin/",
    "/healthz/",
    "//healthz",
    "/HEALTHZ",
    "/admin/run/x",
    "/%zz",
    "/admin%2Frun",
    "/favicon.ico",
    "/.env",
  ])("%s: 404", async (path) => {
    for (const method of ["GET", "POST"]) expect((await admin.ask(path, { method, headers: {} })).status).toBe(404);
  });
});

describe("a body of more than a mebibyte", () => {
  const big = Buffer.alloc(MAX_BODY_BYTES + 1, "a");
  const whole = (text: string) => `Host: x\r\nAuthorization: Bearer ${TOKEN}\r\nConnection: close\r\n${text}`;

  it.each(routes)("$name: 413, whatever its length is said to be", async ({ route }) => {
    const raw = await sendRaw(
      admin.port,
      `${route.method} ${route.path} HTTP/1.1\r\n${whole(`Content-Length: ${big.length}\r\n\r\n`)}`,
      big,
    );
    expect(raw).toMatch(/^HTTP\/1\.1 413 /);
    expect(raw).toContain('"next_step"');
  });

  it.each(posts)("$name: 413 in chunks, and not at the limit", async ({ route }) => {
    const post = (body: Buffer) => admin.post(route.path, { body: new Blob([body]).stream() });
    expect((await post(big)).status).toBe(413);
    expect((await post(big.subarray(1))).status).not.toBe(413);
  });

  it("is not even read of whoever may not send one", async () => {
    const endless = `POST /admin/watermark/set HTTP/1.1\r\nHost: x\r\nContent-Length: ${MAX_BODY_BYTES}\r\nConnection: close\r\n\r\n`;
    expect(await sendRaw(admin.port, endless)).toMatch(/^HTTP\/1\.1 401 /);
  });
});

describe("headers", () => {
  it("a parameter of ten megabytes: 400 with its name", async () => {
    for (const digits of [65, 20_000, 10_000_000]) {
      const answer = await admin.get(`/admin/order_state/get?dsco_order_id=${"9".repeat(digits)}`);
      expect(answer.status).toBe(400);
      expect(answer.json().error.message).toMatch(/^dsco_order_id: .*64 characters/);
    }
  });

  it("a header that is too long: 431", async () => {
    const raw = await sendRaw(admin.port, `GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: ${"a".repeat(20_000)}\r\n\r\n`);
    expect(raw).toMatch(/^HTTP\/1\.1 431 /);
    expect(raw).toMatch(/x-trace-id: [\w-]{36}\r\n/);
  });

  it.each([
    ["no HTTP", "hello\r\n\r\n", 400],
    ["HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400],
    ["two lengths", "POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400],
    ["a target that is no path", "OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 400],
    ["no Host, as old load balancers ask", "GET /healthz HTTP/1.0\r\n\r\n", 200],
    ["an impossible Host", "GET /healthz HTTP/1.1\r\nHost: a b/c?d\r\nConnection: close\r\n\r\n", 200],
    ["a whole URL", "GET http://else.where/healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 200],
  ])("%s", async (_name, text, status) => {
    expect(await sendRaw(admin.port, text)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  });

  it("X-Trace-Id is used, echoed and logged if it is printable and at most 64 long, else made", async () => {
    const echoed = async (id: string) => (await admin.get("/healthz", { "x-trace-id": id })).headers.get("x-trace-id");
    for (const id of ["ticket-4711", "a b", "~".repeat(64)]) expect(await echoed(id)).toBe(id);
    for (const id of ["", "~".repeat(65), "caf\u00e9"]) expect(await echoed(id)).toMatch(/^[0-9a-f-]{36}$/);
    expect(world.logs().filter(({ trace_id }) => trace_id === "ticket-4711")).toMatchObject([
      { level: "debug", msg: "http_request", method: "GET", path: "/healthz", status: 200, duration_ms: expect.any(Number) },
    ]);
  });

  it("HEAD is GET without the body", async () => {
    expect(await admin.ask("/healthz", { method: "HEAD" })).toMatchObject({ status: 200, text: "" });
    expect(await admin.ask("/metrics", { method: "HEAD", headers: {} })).toMatchObject({ status: 401, text: "" });
  });
});

describe("without a token", () => {
  it("bound to loopback: open to names of this machine, and not to pages of other sites", async () => {
    const open = await serve(world, { IPASS_ADMIN_TOKEN: "" });
    const raw = (route: Route, headers: string) =>
      sendRaw(open.port, `${route.method} ${route.path} HTTP/1.1\r\nConnection: close\r\n${headers}\r\n`);
    for (const { route } of routes) {
      expect(letIn(await to(open, route, {})), route.path).toBe(true);
      expect(letIn(await to(open, route, { origin: new URL(open.url).origin })), route.path).toBe(true);
      const foreignHost = await raw(route, "Host: rebind.example\r\n");
      const foreignOrigin = await raw(route, `Host: 127.0.0.1:${open.port}\r\nOrigin: https://evil.example\r\n`);
      if (route.auth === "none") expect(foreignHost + foreignOrigin, route.path).not.toMatch(/ 40[13] /);
      else for (const answer of [foreignHost, foreignOrigin]) expect(answer, route.path).toMatch(/^HTTP\/1\.1 403 .*"next_step"/s);
    }
    await open.stop();
    expect(
      world
        .logs()
        .filter(({ msg }) => msg === "admin_refused")
        .map(({ reason }) => reason),
    ).toEqual(expect.arrayContaining(["foreign_host", "foreign_origin", "wrong_token"]));
  });

  it("bound to every interface: nothing but health, and it says so", async () => {
    const shut = await serve(world, { IPASS_ADMIN_TOKEN: "", IPASS_HTTP_ADDR: ":0" });
    for (const { route } of routes) {
      for (const headers of [{}, BEARER, { authorization: "Bearer " }]) {
        const answer = await to(shut, route, headers);
        if (route.auth === "none") expect(letIn(answer), route.path).toBe(true);
        else expect(answer.status, route.path).toBe(401);
      }
    }
    shut.kill();
    expect(await shut.done).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/no IPASS_ADMIN_TOKEN.*\nset IPASS_ADMIN_TOKEN, or IPASS_HTTP_ADDR=127\.0\.0\.1/),
    });
  });

  it("bound to every interface with one: the token opens it", async () => {
    const open = await serve(world, { IPASS_HTTP_ADDR: "0.0.0.0:0" });
    expect((await open.get("/admin/order_states")).status).toBe(200);
    expect((await open.get("/admin/order_states", {})).status).toBe(401);
    await open.stop();
  });
});

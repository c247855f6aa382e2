import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import type { Route } from "../../src/admin/request.ts";
import { ROUTES } from "../../src/admin/routes.ts";
import { JOB_NAMES } from "../../src/sync/job-name.ts";
import { ADMIN_TOKEN, Canaries, DB_PASSWORD, PERSON, SECRETS } from "../helpers/canaries.ts";
import { useCli } from "../helpers/cli.ts";
import { useTestDatabase } from "../helpers/mysql.ts";
import { PULL, World } from "../jobs/world.ts";
import { type Answer, type AskOptions, type Served, serve } from "./served.ts";

const db = await useTestDatabase();
const world = new World(db, useCli({ IPASS_DB_DSN: db.dsn }));
const canaries = new Canaries(world);
const FORM = { "content-type": "application/x-www-form-urlencoded" };
const HTML = { accept: "text/html" };

beforeAll(async () => {
  await canaries.open(24, 12, { skus: 3 });
  await canaries.ranAllJobs();
  expect(await world.orders("push_status = 3"), "the page has somebody to hide").not.toEqual([]);
}, 60_000);
afterAll(() => world.close());

let admin: Served;
const start = async (env: Readonly<Record<string, string>> = {}) => {
  admin = await serve(world, { IPASS_ADMIN_TOKEN: ADMIN_TOKEN, ...env });
};

/** Asks, and keeps all of the answer to be looked at: headers too, and what is packed into a cookie. */
async function ask(target: string, options: AskOptions): Promise<Answer> {
  const answer = await admin.ask(target, options);
  const cookies = answer.headers.getSetCookie().flatMap((cookie) => cookie.split(";")[0]?.split(/[=.]/) ?? []);
  canaries.shown(
    answer.text,
    [...answer.headers].join("\n"),
    ...cookies.flatMap((part) => [Buffer.from(part, "base64url").toString(), Buffer.from(part, "base64").toString("latin1")]),
  );
  return answer;
}

/** What each route is asked, so that it has something to tell; nothing else is asked of those that take nothing. */
async function targetsOf({ path }: Route): Promise<readonly string[]> {
  const [order] = await world.orders("push_status = 3");
  switch (path) {
    case "/admin/run":
      return JOB_NAMES.map((job) => `${path}?job=${job}`);
    case "/admin/order_state/get":
      return [`${path}?dsco_order_id=${encodeURIComponent(order?.dsco_order_id ?? "")}`, `${path}?dsco_order_id=none`];
    case "/admin/order_states":
      return [`${path}?limit=200`, `${path}?push_status=3`];
    case "/admin/watermark/get":
    case "/admin/watermark/set":
      return JOB_NAMES.map((job) => `${path}?job=${job}`);
    case "/admin/manual_tasks":
      return [`${path}?status=&limit=200`];
    default:
      return [path];
  }
}

/** The fields of a route's form, filled in. */
async function bodyOf({ path, method }: Route): Promise<string | undefined> {
  if (method === "GET") return undefined;
  if (path === "/admin/watermark/set") return '{"mode":"updatedSince","since":"2026-01-02T03:04:05Z"}';
  const [order] = await world.orders("push_status = 3");
  const [task] = await world.tasks("status = 0");
  const fields: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    "/login": { token: SECRETS.dscoToken },
    "/ui/run": { job: PULL, reason: "x" },
    "/ui/requeue": { id: order?.dsco_order_id ?? "", stage: "push", reason: "x" },
    "/ui/resolve": { id: task?.id ?? "", reason: "x" },
  };
  return new URLSearchParams(fields[path]).toString();
}

/** Every route as somebody with these headers asks it, once as a script and once as a browser; resolves to how they were answered. */
async function askEveryRoute(
  headers: Readonly<Record<string, string>>,
  { csrf, only = () => true }: { readonly csrf?: string; readonly only?: (route: Route) => boolean } = {},
): Promise<number[]> {
  const statuses: number[] = [];
  for (const route of ROUTES.filter(only))
    for (const target of await targetsOf(route))
      for (const accept of [{}, HTML]) {
        const body = await bodyOf(route);
        const isForm = !route.path.startsWith("/admin/");
        const answer = await ask(target, {
          method: route.method,
          headers: { ...headers, ...accept, ...(isForm ? FORM : {}), ...(csrf === undefined ? {} : { "x-csrf-token": csrf }) },
          ...(body === undefined ? {} : { body }),
        });
        statuses.push(answer.status);
      }
  return statuses;
}

const withToken = { authorization: `Bearer ${ADMIN_TOKEN}` };

async function signIn(): Promise<{ cookie: string; csrf: string }> {
  const answer = await ask("/login", { method: "POST", headers: FORM, body: new URLSearchParams({ token: ADMIN_TOKEN }).toString() });
  const cookie = answer.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  expect(cookie).toMatch(/^ipass_session=./);
  const { text } = await ask("/", { headers: { cookie } });
  return { cookie, csrf: / name="csrf" value="([^"]+)"/.exec(text)?.[1] ?? "" };
}

const MOST_PAGES = 250;

/** Every page that a reader can get to by links, from the first one on. */
async function everyPage(headers: Readonly<Record<string, string>>): Promise<Set<string>> {
  const seen = new Set(["/"]);
  for (const target of seen) {
    const { status, text } = await ask(target, { headers });
    expect([200, 303], target).toContain(status);
    const links = [...text.matchAll(/href="(\/[^"]*)"/g)].map(([, link = ""]) => link.replaceAll("&amp;", "&"));
    for (const link of links) if (!/[?&](lang|refresh)=/.test(link)) seen.add(link);
    expect(seen.size).toBeLessThan(MOST_PAGES);
  }
  return seen;
}

beforeEach(async () => {
  expect(JSON.stringify(await db.query("select payload from dsco_order_raw"))).toContain(PERSON.name);
});

it("no route shows a secret or a buyer to whoever has the token, and none takes another one", { timeout: 60_000 }, async () => {
  await start();
  const told = await askEveryRoute(withToken);
  expect(told.filter((status) => status === 200).length).toBeGreaterThan(20);
  for (const wrong of [{ authorization: `Bearer ${SECRETS.dscoToken}` }, { authorization: `Basic ${ADMIN_TOKEN}` }, {}])
    expect(new Set(await askEveryRoute(wrong, { only: ({ auth }) => auth !== "none" }))).toEqual(new Set([401]));
  await admin.stop();
  await canaries.expectNothingLeaked();
});

it.each(["en", "zh"])("no page does, whatever is looked at and done there: %s", { timeout: 60_000 }, async (language) => {
  await start();
  const { cookie, csrf } = await signIn();
  const pages = await everyPage({ cookie, ...HTML, "accept-language": language });
  const orders = await world.orders();
  for (const { dsco_order_id: id } of orders) {
    const { status } = await ask(`/?order=${encodeURIComponent(id)}`, { headers: { cookie, ...HTML, "accept-language": language } });
    expect(status, id).toBe(200);
  }
  expect([...pages]).toEqual(expect.arrayContaining(["/?view=orders", "/?view=tasks", "/?view=runs"]));
  await askEveryRoute({ cookie, "accept-language": language }, { csrf });
  await admin.stop();
  await canaries.expectNothingLeaked();
});

it.each([
  { why: "refuses the password", dsn: () => Object.assign(new URL(db.dsn), { password: DB_PASSWORD }).href },
  { why: "is away", dsn: () => `mysql://ipass:${DB_PASSWORD}@127.0.0.1:1/x` },
])("nor while the database $why", { timeout: 60_000 }, async ({ dsn }) => {
  await start({ IPASS_DB_DSN: dsn() });
  const { cookie, csrf } = await signIn();
  expect(await askEveryRoute(withToken)).toEqual(expect.arrayContaining([503]));
  expect(await askEveryRoute({ cookie }, { csrf })).toEqual(expect.arrayContaining([503]));
  await admin.stop();
  await canaries.expectNothingLeaked();
});

import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { useCli } from "../helpers/cli.ts";
import { until } from "../jobs/world.ts";

const SETTINGS = {
  IPASS_DB_DSN: "mysql://ipass:pw-of-the-tests@127.0.0.1:1/ipass",
  IPASS_HTTP_ADDR: "127.0.0.1:0",
  IPASS_ADMIN_TOKEN: "a-token-of-the-tests",
};
const cli = useCli(SETTINGS);
const TOKENLESS = { ...SETTINGS, IPASS_ADMIN_TOKEN: "" };

/** Whatever it answers at its address tells that it listens there. */
async function served(
  env: Readonly<Record<string, string>>,
): Promise<{ document: Record<string, unknown>; health: number; stderr: string }> {
  const running = cli.start(["serve", "--json"], { env });
  const document = JSON.parse(await running.printed(/\n/)) as { url: string };
  const { status } = await fetch(`${document.url}healthz`);
  running.kill("SIGTERM");
  const { code, stderr, stdout } = await running.done;
  expect(code).toBe(0);
  expect(stdout.split("\n")).toHaveLength(2);
  return { document, health: status, stderr };
}

describe("ipass serve", () => {
  it.each([
    { addr: "127.0.0.1:0", env: SETTINGS, url: /^http:\/\/127\.0\.0\.1:\d+\/$/, protection: "token" },
    { addr: "localhost:0", env: TOKENLESS, url: /^http:\/\/(127\.0\.0\.1|\[::1\]):\d+\/$/, protection: "loopback" },
    { addr: "0.0.0.0:0", env: SETTINGS, url: /^http:\/\/localhost:\d+\/$/, protection: "token" },
    { addr: ":0", env: TOKENLESS, url: /^http:\/\/localhost:\d+\/$/, protection: "nothing" },
  ])("on $addr says where it listens and what protects it ($protection)", async ({ addr, env, url, protection }) => {
    const { document, health, stderr } = await served({ ...env, IPASS_HTTP_ADDR: addr });
    expect(document).toEqual({ enabled: true, url: expect.stringMatching(url), protection });
    expect(health).toBe(200);
    if (protection === "nothing")
      expect(stderr).toMatch(/^ipass: no IPASS_ADMIN_TOKEN.*\nset IPASS_ADMIN_TOKEN, or IPASS_HTTP_ADDR=127\.0\.0\.1:8080 /);
    else expect(stderr).toBe("");
  });

  it("without a terminal prints nothing unless asked for JSON", async () => {
    const running = cli.start(["serve"], { env: { IPASS_LOG_DIR: "silent" } });
    const log = `${cli.cwd}/silent/info.log`;
    await until("it listens", () => existsSync(log) && readFileSync(log, "utf8").includes("serve_start"));
    running.kill("SIGTERM");
    expect(await running.done).toEqual({ code: 0, signal: null, stdout: "", stderr: "" });
  });

  it("that is switched off says so and ends with 0", async () => {
    const off = { env: { IPASS_HTTP_ENABLE: "false" } };
    expect(await cli.run(["serve"], off)).toMatchObject({
      code: 0,
      stdout: "the HTTP admin is switched off: IPASS_HTTP_ENABLE=false\n",
      stderr: "",
    });
    expect(await cli.run(["serve", "--json"], off)).toMatchObject({ code: 0, stdout: '{"enabled":false}\n', stderr: "" });
    // It needs nothing else then: a host that only runs jobs has no admin to configure.
    expect(await cli.run(["serve"], { env: { IPASS_HTTP_ENABLE: "off", IPASS_DB_DSN: "" } })).toMatchObject({ code: 0 });
  });

  it("whose port is taken says so, with 10", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => other.once("listening", resolve));
    const address = other.address();
    const addr = `127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
    const { code, stdout, stderr } = await cli.run(["serve", "--json"], { env: { IPASS_HTTP_ADDR: addr } });
    other.close();
    expect({ code, stderr }).toEqual({ code: 10, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({
      error: {
        code: 10,
        name: "configuration",
        message: expect.stringContaining(`IPASS_HTTP_ADDR: got ${addr}; expected a port nobody listens on`),
        next_step: expect.any(String),
      },
    });
  });

  it("whose address is another machine's says so, with 10", async () => {
    const { code, stderr } = await cli.run(["serve"], { env: { IPASS_HTTP_ADDR: "192.0.2.1:8080" } });
    expect(code).toBe(10);
    expect(stderr).toMatch(/IPASS_HTTP_ADDR: got 192\.0\.2\.1:8080; expected an address of this machine/);
  });

  it("names every wrong setting at once, and no secret", async () => {
    const wrong = { IPASS_HTTP_ADDR: "8080", IPASS_ADMIN_TOKEN: "with a blank", IPASS_DB_DSN: "", IPASS_JOB_SYNC_STOCK_INTERVAL_SEC: "x" };
    const { code, stdout, stderr } = await cli.run(["serve"], { env: wrong });
    expect({ code, stdout }).toEqual({ code: 10, stdout: "" });
    for (const name of Object.keys(wrong)) expect(stderr).toContain(name);
    expect(stderr).not.toContain("with a blank");
  });

  it("tells in --help how it ends, and takes no argument", async () => {
    const { code, stdout } = await cli.run(["serve", "--help"]);
    expect(code).toBe(0);
    for (const word of ["SIGTERM", "exit 0", "SIGHUP", "IPASS_HTTP_ADDR", "Example:"]) expect(stdout).toContain(word);
    expect((await cli.run(["serve", "8080"])).code).toBe(2);
  });
});

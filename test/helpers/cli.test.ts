import { existsSync, readdirSync } from "node:fs";
import { expect, it } from "vitest";
import { useCli } from "./cli.ts";

const cli = useCli();

it("returns what ipass printed and how it ended", async () => {
  expect(await cli.run(["--version"])).toEqual({ code: 0, signal: null, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), stderr: "" });
  expect(await cli.run(["run", "no_such_job"])).toMatchObject({ code: 2, stderr: expect.stringContaining("no_such_job") });
});

it("works in an empty directory of its own", () => {
  expect(existsSync(cli.cwd)).toBe(true);
  expect(readdirSync(cli.cwd).filter((name) => name !== "logs")).toEqual([]);
});

it("waits for output, and ends what runs", async () => {
  const sandbox = cli.start(["sandbox", "--port", "0", "--orders", "1", "--json"]);
  expect(JSON.parse(await sandbox.printed(/\}\n$/))).toMatchObject({ env: { IPASS_DSCO_BASE_URL: expect.stringMatching(/^http:/) } });
  sandbox.kill();
  expect(await sandbox.done).toMatchObject({ code: 0, signal: null });
  const killed = cli.start(["sandbox", "--port", "0", "--orders", "1", "--json"]);
  await killed.printed(/\}\n$/);
  killed.kill("SIGKILL");
  expect(await killed.done).toMatchObject({ code: null, signal: "SIGKILL" });
});

it("says what was printed when the awaited text never comes", async () => {
  await expect(cli.start(["--version"]).printed(/never/)).rejects.toThrow(/ended without printing \/never\//);
});

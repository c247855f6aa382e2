import { createServer } from "node:net";
import nock from "nock";
import { describe, expect, it } from "vitest";
import { takeHttpProblems, useHttpMocks } from "../helpers/http.ts";

useHttpMocks();

describe("useHttpMocks", () => {
  it.each([
    ["another path of a mocked host", "https://mocked.example/other?x=1", "mocked.example/other"],
    ["a host nobody mocked", "https://unknown.example/", "unknown.example/"],
    ["loopback", "http://127.0.0.1:9/", "127.0.0.1/"],
  ])("notices a request to %s", async (_name, url, named) => {
    nock("https://mocked.example").get("/").reply(200);
    await expect(fetch(url)).rejects.toThrow();
    expect(takeHttpProblems()).toEqual([
      `not mocked: GET ${named}`,
      expect.stringMatching(/^mocked but not called: GET https:\/\/mocked\.example/),
    ]);
  });

  it("has nothing to say when every mock was called once", async () => {
    nock("https://mocked.example").get("/").reply(200, "ok");
    expect(await (await fetch("https://mocked.example/")).text()).toBe("ok");
    expect(takeHttpProblems()).toEqual([]);
  });

  it("leaves plain sockets alone", async () => {
    const { connect } = await import("node:net");
    const server = createServer((socket) => socket.end("hello")).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as { port: number };
    const text = await new Promise<string>((resolve, reject) => {
      connect(port, "127.0.0.1")
        .on("data", (data) => resolve(data.toString()))
        .on("error", reject);
    });
    server.close();
    expect(text).toBe("hello");
  });
});

import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { formatServerDsn, parseServerDsn, waitForServer, withDatabase } from "../../scripts/server-dsn.mjs";

describe("parseServerDsn", () => {
  it.each([
    { dsn: "mysql://u:p@db.example:3307/x", expected: { user: "u", password: "p", host: "db.example", port: 3307, database: "x" } },
    { dsn: "mysql://u@127.0.0.1/", expected: { user: "u", password: "", host: "127.0.0.1", port: 3306, database: "" } },
    { dsn: "mysql://u:p%40s%2Fs@h", expected: { user: "u", password: "p@s/s", host: "h", port: 3306, database: "" } },
    { dsn: "mysql://u:p@[::1]:3306/", expected: { user: "u", password: "p", host: "::1", port: 3306, database: "" } },
    { dsn: "u:p@s:s@tcp(h:3308)/x?parseTime=true", expected: { user: "u", password: "p@s:s", host: "h", port: 3308, database: "x" } },
    { dsn: "u@tcp(h)/", expected: { user: "u", password: "", host: "h", port: 3306, database: "" } },
  ])("reads $dsn", ({ dsn, expected }) => {
    expect(parseServerDsn(dsn)).toEqual(expected);
    expect(parseServerDsn(formatServerDsn(expected))).toEqual(expected);
  });

  it.each(["", "postgres://u:secret@h/", "u:secret@h:3306", "mysql://"])("refuses %j without repeating the password", (dsn) => {
    expect(() => parseServerDsn(dsn)).toThrow(/expected mysql:/);
    expect(() => parseServerDsn(dsn)).not.toThrow(/secret/);
  });

  it("keeps the account when the database changes", () => {
    expect(withDatabase("u:p@tcp(h:3308)/x?loc=UTC", "y")).toBe("mysql://u:p@h:3308/y");
  });
});

describe("waitForServer", () => {
  /** A listener that says `greeting`, or hangs up at once. */
  async function listen(greeting: string | undefined): Promise<{ port: number; close: () => void }> {
    const server = createServer((socket) => {
      socket.on("error", () => socket.destroy());
      if (greeting === undefined) socket.destroy();
      else socket.write(Buffer.concat([Buffer.from([0, 0, 0, 0, 10]), Buffer.from(`${greeting}\0rest`)]));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    return { port: address.port, close: () => server.close() };
  }

  it.each([
    { greeting: "5.5.5-10.11.19-MariaDB-0+deb12u1", expected: { flavour: "mariadb", version: "10.11.19-MariaDB-0+deb12u1" } },
    { greeting: "8.4.3", expected: { flavour: "mysql", version: "8.4.3" } },
    { greeting: undefined, expected: undefined }, // a container that is still starting accepts and hangs up
  ])("makes $expected of the greeting $greeting", async ({ greeting, expected }) => {
    const { port, close } = await listen(greeting);
    expect(await waitForServer({ host: "127.0.0.1", port }, { timeoutMs: 100 })).toEqual(expected);
    close();
  });
});

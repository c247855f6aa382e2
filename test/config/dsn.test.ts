import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type DatabaseConfig, parseDsn } from "../../src/config/dsn.ts";
import { BadSettingError } from "../../src/config/reading.ts";

const HERE = { host: "db.example", port: 3306, user: "ipass", password: "pw", database: "orders" };

describe("parseDsn", () => {
  it.each<{ dsn: string; expected: DatabaseConfig }>([
    { dsn: "mysql://ipass:pw@db.example:3307/orders", expected: { ...HERE, port: 3307 } },
    { dsn: "MySQL://ipass:pw@db.example/orders", expected: HERE },
    { dsn: "mysql://ipass@db.example/orders", expected: { ...HERE, password: "" } },
    { dsn: "mysql://ipass:p%40s%2Fs%3A%25@db.example/orders", expected: { ...HERE, password: "p@s/s:%" } },
    { dsn: "mysql://ipass:pw@[2001:db8::1]:3306/orders", expected: { ...HERE, host: "2001:db8::1" } },
    { dsn: "mysql://ipass:pw@db.example/orders?ssl=true", expected: { ...HERE, tls: "verify" } },
    { dsn: 'mysql://ipass:pw@db.example/orders?ssl={"rejectUnauthorized":false}', expected: { ...HERE, tls: "skip-verify" } },
    { dsn: "mysql://ipass:pw@db.example/orders?ssl-mode=REQUIRED", expected: { ...HERE, tls: "skip-verify" } },
    {
      dsn: "mysql://ipass:pw@localhost/orders?socketPath=/run/my.sock",
      expected: { ...HERE, host: "localhost", socketPath: "/run/my.sock" },
    },
    { dsn: "mysql://ipass:pw@tcp(db.example:3306)/orders?parseTime=true", expected: HERE },
    { dsn: "ipass:pw@tcp(db.example:3307)/orders?parseTime=true&loc=UTC", expected: { ...HERE, port: 3307 } },
    { dsn: "ipass:pw@tcp(db.example)/orders", expected: HERE },
    { dsn: "ipass:pw@tcp/orders", expected: { ...HERE, host: "127.0.0.1" } },
    { dsn: "ipass:pw@/orders", expected: { ...HERE, host: "127.0.0.1" } },
    { dsn: "ipass@tcp(db.example)/orders", expected: { ...HERE, password: "" } },
    { dsn: "ipass:p@s/s:(w)@tcp(db.example:3306)/orders", expected: { ...HERE, password: "p@s/s:(w)" } },
    { dsn: "ipass:p%40s@tcp(db.example:3306)/orders", expected: { ...HERE, password: "p%40s" } },
    { dsn: "ipass:pw@tcp([2001:db8::1]:3307)/orders", expected: { ...HERE, host: "2001:db8::1", port: 3307 } },
    { dsn: "ipass:pw@unix(/run/my.sock)/orders?charset=utf8mb4", expected: { ...HERE, host: "localhost", socketPath: "/run/my.sock" } },
    { dsn: "ipass:pw@tcp(db.example:3306)/orders?loc=Asia%2FShanghai&tls=true", expected: { ...HERE, tls: "verify" } },
    { dsn: "ipass:pw@tcp(db.example:3306)/orders?tls=skip-verify", expected: { ...HERE, tls: "skip-verify" } },
    { dsn: "ipass:pw@tcp(db.example:3306)/orders?tls=false", expected: HERE },
  ])("reads $dsn", ({ dsn, expected }) => {
    expect(parseDsn(dsn)).toEqual(expected);
  });

  it.each([
    { dsn: "s3cretword", says: "/database is missing" },
    { dsn: "mysql://ipass:s3cretword@db.example/", says: "database name is missing" },
    { dsn: "mysql://ipass:s3cretword@db.example:99999/orders", says: "it is no URL" },
    { dsn: "mysql://ipass:s3cretword#1@db.example/orders", says: "mysql://user:password@host" },
    { dsn: "mysql://ipass:s3cretword%@db.example/orders", says: "%25" },
    { dsn: "mysql://:s3cretword@db.example/orders", says: "user is missing" },
    { dsn: "mysql://ipass:s3cretword@db.example/orders?ssl=maybe", says: "tls must be" },
    { dsn: "mysql://ipass:s3cretword@db.example/orders?ssl=constructor", says: "tls must be" },
    { dsn: "mysql://ipass:s3cretword@db.example/orders?socketPath=my.sock", says: "absolute path" },
    { dsn: "postgres://ipass:s3cretword@db.example/orders", says: "scheme must be mysql" },
    { dsn: "ipass:s3cretword@tcp(db.example:3306)", says: "/database is missing" },
    { dsn: "ipass:s3cretword@tcp(db.example:3306)/", says: "database name is missing" },
    { dsn: "ipass:s3cretword@tcp(db.example:3306/orders", says: "between @ and /" },
    { dsn: "ipass:s3cretword@tcp(db.example:0)/orders", says: "port must be" },
    { dsn: "ipass:s3cretword@tcp(2001:db8::1)/orders", says: "IPv6" },
    { dsn: "ipass:s3cretword@unix(my.sock)/orders", says: "absolute path" },
    { dsn: "ipass:s3cretword@pipe(x)/orders", says: "tcp or unix" },
    { dsn: "ipass:s3cretword@tcp(db.example:3306)/orders?tls=preferred", says: "tls must be" },
    { dsn: "@tcp(db.example:3306)/orders", says: "user is missing" },
  ])("refuses $dsn, saying what is wrong and not the password", ({ dsn, says }) => {
    const refused = caught(() => parseDsn(dsn));
    expect(refused).toBeInstanceOf(BadSettingError);
    expect(refused?.message).toContain(says);
    expect(refused?.message).not.toContain("s3cret");
    expect(refused?.cause).toBeUndefined(); // Node's own error carries the whole text in `input`
  });

  const parts = {
    host: fc.oneof(fc.domain(), fc.ipV4()),
    port: fc.integer({ min: 1, max: 65535 }),
    database: fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_$-]{0,30}$/),
  };
  const anyText = fc.string({ unit: "grapheme", minLength: 1, maxLength: 24 });

  it("gives back what was written in the URL form, whatever the password", () => {
    fc.assert(
      fc.property(fc.record({ ...parts, user: anyText, password: anyText }), (config) => {
        const { host, port, user, password, database } = config;
        const dsn = `mysql://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${host}:${port}/${database}`;
        expect(parseDsn(dsn)).toEqual(config);
      }),
    );
  });

  it("gives back what was written in the Go form, whatever the password", () => {
    const user = anyText.filter((text) => !text.includes(":") && text !== "mysql");
    const password = anyText.filter((text) => !text.startsWith("//"));
    fc.assert(
      fc.property(fc.record({ ...parts, user, password }), (config) => {
        expect(parseDsn(`${config.user}:${config.password}@tcp(${config.host}:${config.port})/${config.database}`)).toEqual(config);
      }),
    );
  });

  it("never shows the password, however mangled the text around it", () => {
    const password = "Zq7-tyPWx";
    fc.assert(
      fc.property(
        fc.string({ maxLength: 12 }),
        fc.string({ maxLength: 12 }),
        fc.constantFrom("", "mysql://u:", "u:"),
        (before, after, start) => {
          const refused = caught(() => parseDsn(`${start}${before}${password}${after}`));
          expect(refused?.message ?? "").not.toContain(password);
        },
      ),
    );
  });
});

function caught(work: () => unknown): Error | undefined {
  try {
    work();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  return undefined;
}

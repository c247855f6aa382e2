// Between a program and its database: how many statements it sends and how long each takes until the last byte of its answer. So any
// command and any page can be measured without knowing its queries.
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { formatServerDsn, parseServerDsn } from "../server-dsn.mjs";

/** MySQL's protocol: three bytes of length, one of sequence, which a new command begins at 0; then the command's number. */
const HEADER = 4;
const QUERY = 0x03;
const EXECUTE = 0x17;

export class DatabaseWire {
  /** @type {string} leads to the same database, by way of us */ dsn;
  /** @type {import("node:net").Server} */ #server;
  /** @type {Set<import("node:net").Socket>} */ #sockets;
  #statements = 0;
  #ms = 0;

  /**
   * @param {string} dsn
   * @returns {Promise<DatabaseWire>}
   */
  static async open(dsn) {
    const target = parseServerDsn(dsn);
    /** @type {Set<import("node:net").Socket>} */
    const sockets = new Set();
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const wire = new DatabaseWire(server, sockets, formatServerDsn({ ...target, host: "127.0.0.1", port }));
    server.on("connection", (client) => wire.#join(client, connect(target.port, target.host)));
    return wire;
  }

  /**
   * @param {import("node:net").Server} server
   * @param {Set<import("node:net").Socket>} sockets
   * @param {string} dsn
   */
  constructor(server, sockets, dsn) {
    this.#server = server;
    this.#sockets = sockets;
    this.dsn = dsn;
  }

  /** What went over the wire since the last time. */
  take() {
    const taken = { statements: this.#statements, ms: this.#ms };
    this.#statements = 0;
    this.#ms = 0;
    return taken;
  }

  close() {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  /**
   * @param {import("node:net").Socket} client
   * @param {import("node:net").Socket} database
   */
  #join(client, database) {
    for (const socket of [client, database]) this.#sockets.add(socket.setNoDelay().on("error", () => socket.destroy()));
    let rest = Buffer.alloc(0);
    let asked = 0;
    client.on("data", (chunk) => {
      rest = Buffer.concat([rest, chunk]);
      while (rest.length > HEADER && rest.length >= HEADER + rest.readUIntLE(0, 3)) {
        if (rest[3] === 0 && [QUERY, EXECUTE].includes(rest[HEADER] ?? 0)) {
          this.#statements += 1;
          asked = performance.now();
        }
        rest = rest.subarray(HEADER + rest.readUIntLE(0, 3));
      }
    });
    database.on("data", () => {
      const now = performance.now();
      if (asked > 0) this.#ms += now - asked;
      if (asked > 0) asked = now; // an answer in several pieces: only what each adds
    });
    client.pipe(database).pipe(client);
  }
}

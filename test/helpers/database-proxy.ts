import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";
import { parseServerDsn, withDatabase } from "../../scripts/server-dsn.mjs";

/** What a proxy makes of a text on its way: one of the same length, since MySQL's packets say how long they are, or nothing at all. */
export interface Meddling {
  /** `connection`: its number, from 0. */
  readonly toServer?: (text: string, connection: number) => string;
  readonly toClient?: (text: string, connection: number) => string;
}

/** A proxy between ipass and its database, for a test; resolves to the DSN that leads through it. Statements must fit one packet. */
export async function databaseBehind(dsn: string, { toServer, toClient }: Meddling): Promise<string> {
  const { host, port, user, password, database } = parseServerDsn(dsn);
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((client) => {
    const number = connections++;
    const behind = connect(port, host);
    for (const socket of [client, behind]) sockets.add(socket.on("error", () => socket.destroy()));
    client.on("data", (chunk) => behind.write(altered(chunk, number, toServer))).on("close", () => behind.destroy());
    behind.on("data", (chunk) => client.write(altered(chunk, number, toClient))).on("close", () => client.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const credentials = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
  return withDatabase(`mysql://${credentials}@127.0.0.1:${(server.address() as AddressInfo).port}/`, database);
}

function altered(chunk: Buffer, connection: number, alter: Meddling["toServer"]): Buffer {
  if (alter === undefined) return chunk;
  const text = alter(chunk.toString("latin1"), connection);
  if (text.length !== chunk.length && text !== "") throw new Error("a proxy may not change how long a packet is");
  return Buffer.from(text, "latin1");
}

// A database of our own on a server that may hold others: a random name, dropped afterwards.
import { randomBytes } from "node:crypto";
import { parseServerDsn, withDatabase } from "./server-dsn.mjs";

/**
 * @param {string} server its DSN
 * @param {string} purpose part of the name
 * @returns {Promise<{ dsn: string, name: string, drop: () => Promise<void> }>} the database is empty
 */
export async function createOwnDatabase(server, purpose) {
  const { createConnection } = (await import("mysql2/promise")).default; // it may have been installed just now
  const name = `ipass_${purpose}_${randomBytes(4).toString("hex")}`;
  /** @param {string} sql */
  const run = async (sql) => {
    const connection = await createConnection({ ...parseServerDsn(server), database: "" });
    await connection.query(sql);
    await connection.end();
  };
  await run(`CREATE DATABASE ${name} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci`);
  return { dsn: withDatabase(server, name), name, drop: () => run(`DROP DATABASE IF EXISTS ${name}`) };
}

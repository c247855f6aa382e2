import { startDatabase } from "../scripts/dev-database.mjs";

/** Lets a bare `npx vitest run test/x`, and an editor's test runner, work without `npm test` around it. */
export async function setup(): Promise<() => Promise<void>> {
  if (process.env.IPASS_TEST_DB_DSN !== undefined) return async () => undefined;
  const database = await startDatabase({ log: (line) => console.error(line) });
  process.env.IPASS_TEST_DB_DSN = database.dsn;
  return database.stop;
}

import { DatabaseError } from "../errors.ts";
import { Migrations } from "../store/migrations.ts";
import { jsonAnswer } from "./answers.ts";
import type { Admin, AdminRequest } from "./request.ts";

/** Says that the process answers; asks nobody. */
export function healthz(): Response {
  return jsonAnswer(200, { ok: true });
}

/** Whether requests that need the database would be answered: it is there, and its tables are of this version. */
export async function readyz(_: AdminRequest, { db, config }: Admin): Promise<Response> {
  const { pending } = await new Migrations(db, config.database).status();
  if (pending.length > 0)
    throw new DatabaseError(`the tables are not of this version; pending: ${pending.join(", ")}`, "run: ipass migrate");
  return jsonAnswer(200, { ok: true });
}

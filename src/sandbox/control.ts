import type { IncomingMessage, ServerResponse } from "node:http";
import * as z from "zod";
import { IpassError, UsageError } from "../errors.ts";
import { AdvanceInput, FaultsInput, OrdersInput, SettingsInput } from "./control-schemas.ts";
import { jsonAnswer } from "./endpoint.ts";
import { readBody, send } from "./exchange.ts";
import { type Json, readJson, writeJson } from "./json.ts";
import type { Sandbox } from "./sandbox.ts";

export const CONTROL_PREFIX = "/_sandbox/";
const MAX_BODY_BYTES = 64_000_000;
/** A page in a browser must not steer the sandbox by a name that points at 127.0.0.1. */
const LOOPBACK_NAMES = ["127.0.0.1", "localhost", "[::1]"];

type Action = (sandbox: Sandbox, body: Json, query: URLSearchParams) => unknown;

const ACTIONS: Readonly<Record<string, Action>> = {
  "GET stats": (sandbox) => sandbox.stats(),
  "GET state": (sandbox) => sandbox.state(),
  "GET summary": (sandbox) => sandbox.summary(),
  "GET settings": (sandbox) => ({ ...sandbox.settings, faults: sandbox.faults }),
  "GET env": (sandbox) => ({ ...sandbox.env, ...sandbox.mapEnv }),
  "POST reset-stats": (sandbox) => {
    sandbox.resetStats();
    return { ok: true };
  },
  "POST orders": (sandbox, body) => sandbox.changeOrders(checked(OrdersInput, body)),
  "POST settings": (sandbox, body) => sandbox.changeSettings(checked(SettingsInput, body)),
  "POST faults": (sandbox, body) => ({ faults: sandbox.replaceFaults(checked(FaultsInput, body).faults) }),
  "POST advance": (sandbox, body) => sandbox.advance(checked(AdvanceInput, body)),
};

/** The control API: what tests and demos do to the sandbox from another process. Answers JSON; 400 names what is wrong. */
export async function serveControl(sandbox: Sandbox, url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await readBody(request, MAX_BODY_BYTES);
  const reply = (status: number, document: unknown): Promise<void> => send(response, jsonAnswer(status, writeJson(document)));
  if (!LOOPBACK_NAMES.includes(url.hostname)) return reply(403, { error: `reach the sandbox as one of ${LOOPBACK_NAMES.join(", ")}` });
  const name = `${request.method} ${url.pathname.slice(CONTROL_PREFIX.length)}`;
  const action = ACTIONS[name];
  if (action === undefined) return reply(404, { error: `no ${name}; there is: ${Object.keys(ACTIONS).join(", ")}` });
  try {
    return await reply(
      200,
      action(sandbox, body === undefined || body.length === 0 ? {} : readJson(body.toString("utf8")), url.searchParams),
    );
  } catch (error) {
    if (error instanceof IpassError || error instanceof SyntaxError) return reply(400, { error: error.message });
    throw error;
  }
}

/** Checks a body and hands it on as it came; the method it goes to checks its own arguments again. */
function checked<T>(schema: z.ZodType<unknown, T>, body: Json): T {
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw new UsageError(z.prettifyError(parsed.error), "see the control API in the README");
  return body as T;
}

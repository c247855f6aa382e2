import { readSetting } from "../../config/inspect.ts";
import type { Span } from "../../store/server-facts.ts";
import { BlockedError, type Check, type Context } from "../check.ts";
import { judgeDscoClock, judgeLingxingClock, type Whose } from "../judge/clocks.ts";

const SECOND_MS = 1_000;

/**
 * How far this host's clock is ahead of the one that answers at `url`. No credentials are sent: whatever is answered has a Date, a refusal
 * too, so this works before anything else does. @throws BlockedError when nothing is answered
 */
async function aheadOf(url: string, reachability: string, signal: AbortSignal): Promise<Span> {
  const asked = Date.now();
  try {
    const response = await fetch(url, { redirect: "manual", signal, headers: { accept: "application/json" } });
    const answered = Date.now();
    await response.body?.cancel();
    const date = Date.parse(response.headers.get("date") ?? "");
    if (Number.isNaN(date)) throw new BlockedError("its answer has no Date", reachability);
    // The header has whole seconds, and was written at some moment between asking and answering.
    return { from: asked - (date + SECOND_MS), to: answered - date };
  } catch (error) {
    if (signal.aborted || error instanceof BlockedError || !(error instanceof TypeError)) throw error;
    throw new BlockedError("nobody answers there", reachability);
  }
}

/** A run goes by the database's clock where there is one. */
async function asARunSees(hostAhead: Span, context: Context): Promise<{ ahead: Span; whose: Whose }> {
  const database = await context.database().catch((error: unknown) => {
    if (error instanceof BlockedError) return undefined;
    throw error;
  });
  if (database === undefined) return { ahead: hostAhead, whose: "this host's clock" };
  const { from, to } = database.facts.ahead;
  return { ahead: { from: hostAhead.from + from, to: hostAhead.to + to }, whose: "the database's clock" };
}

const dsco: Check = {
  id: "clock.dsco",
  broken: "warn",
  remote: true,
  async run(context, signal) {
    const { ahead, whose } = await asARunSees(
      await aheadOf(`${urlOf(context, "IPASS_DSCO_BASE_URL")}/hello`, "dsco.hello", signal),
      context,
    );
    return judgeDscoClock(ahead, whose);
  },
};

const lingxing: Check = {
  id: "clock.lingxing",
  broken: "warn",
  remote: true,
  async run(context, signal) {
    const { ahead, whose } = await asARunSees(
      await aheadOf(`${urlOf(context, "IPASS_LINGXING_BASE_URL")}/`, "lingxing.orders", signal),
      context,
    );
    return judgeLingxingClock(ahead, whose);
  },
};

function urlOf({ app }: Context, name: "IPASS_DSCO_BASE_URL" | "IPASS_LINGXING_BASE_URL"): string {
  const url = readSetting(app.env, name);
  if (url === undefined) throw new BlockedError(`${name} cannot be used`, `config.${name}`);
  return url;
}

export const CLOCK_CHECKS: readonly Check[] = [dsco, lingxing];

import * as z from "zod";
import { JOB_NAMES } from "../../sync/job-name.ts";

/** Carries what became of a form to the page that is shown next, and no further. */
export const NOTICE_COOKIE = "ipass_notice";
export const NOTICE_SEC = 120;
/** A cookie is cut off at 4 KB, and Chinese text grows by a third in it. */
const LONGEST_TEXT = 400;

const count = z.int().min(0);
const job = z.enum(JOB_NAMES);
const exit = z.object({ code: z.number().nullable(), name: z.string() });
const text = z.string();
const NOTICE = z.discriminatedUnion("of", [
  z.object({ of: z.literal("requeued"), count }),
  z.object({ of: z.literal("resolved"), count }),
  /** `said`: what the shell would print on stderr; absent where it went well. */
  z.object({ of: z.literal("ran"), job, exit, done: count, trace: text, said: text.optional(), nextStep: text.optional() }),
  z.object({ of: z.literal("runWaits"), job, trace: text }),
  z.object({ of: z.literal("off"), job }),
  z.object({ of: z.literal("refused"), said: text, nextStep: text }),
  z.object({ of: z.literal("noSelection") }),
  z.object({ of: z.literal("noReason") }),
]);

/** What became of a form. */
export type Notice = z.output<typeof NOTICE>;

/** As a cookie holds it. */
export function writeNotice(notice: Notice): string {
  const short = Object.entries(notice).map(([key, value]) => [key, typeof value === "string" ? clipped(value) : value]);
  return Buffer.from(JSON.stringify(Object.fromEntries(short))).toString("base64url");
}

/** Undefined for what is none: anybody may write into a browser's cookies. */
export function readNotice(cookie: string | undefined): Notice | undefined {
  if (cookie === undefined) return undefined;
  try {
    return NOTICE.parse(JSON.parse(Buffer.from(cookie, "base64url").toString()));
  } catch {
    return undefined; // forged, or of another version of ipass: nothing to tell
  }
}

function clipped(value: string): string {
  const letters = Array.from(value);
  return letters.length <= LONGEST_TEXT ? value : `${letters.slice(0, LONGEST_TEXT).join("")}…`;
}

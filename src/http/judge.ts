import type * as z from "zod";
import type { Endpoint } from "./endpoint.ts";
import type { RawAnswer, Verdict } from "./verdict.ts";

/**
 * Our word after the vendor's: an accepted answer must have the shape we read (`parsed` is then of that shape), and a refusal must come
 * from the API.
 */
export function judgeShape(
  verdict: Verdict,
  answer: RawAnswer,
  endpoint: Endpoint,
  parse: (text: string) => unknown,
  schema: z.ZodType,
): Verdict {
  const html = /^\s*</.test(answer.text);
  if (verdict.kind !== "ok") {
    // A proxy's 404 does not say that the order does not exist. A write it turned away was turned away all the same.
    const foreign = html && !endpoint.write && verdict.kind === "refused";
    return foreign ? { ...verdict, kind: "broken", reason: "an HTML page instead of an answer" } : verdict;
  }
  const broken = { kind: "broken", code: String(answer.status), requestId: verdict.requestId } as const;
  let body: unknown;
  try {
    body = verdict.parsed ?? parse(answer.text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { ...broken, reason: html ? "an HTML page instead of an answer" : `an unreadable answer: ${error.message}` };
  }
  const checked = schema.safeParse(body);
  if (checked.success) return { ...verdict, parsed: checked.data };
  const where = checked.error.issues.slice(0, 3).map(({ path }) => path.join(".") || "the whole"); // paths only: values may be personal
  return { ...broken, reason: `an answer of another shape than expected: ${where.join(", ")}` };
}

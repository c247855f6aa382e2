import * as z from "zod";
import type { JobName } from "./job-name.ts";

const instant = z.iso.datetime({ offset: true });
const UpdatedSince = z.strictObject({ mode: z.literal("updatedSince"), since: instant });
const UpdateTime = z.strictObject({ mode: z.literal("update_time"), since: z.number().int().nonnegative() });

/** DSCO's change time, RFC 3339. */
export type PullWatermark = z.infer<typeof UpdatedSince>;
/** Lingxing's change time, Unix seconds; 0 means the last 30 days. */
export type FeedWatermark = z.infer<typeof UpdateTime>;

interface Shape {
  readonly schema: z.ZodType<PullWatermark | FeedWatermark>;
  readonly example: string;
}
const PULL: Shape = { schema: UpdatedSince, example: '{"mode":"updatedSince","since":"2026-01-31T00:00:00Z"}' };
const FEED: Shape = { schema: UpdateTime, example: '{"mode":"update_time","since":1767225600}' };

const SHAPES: Partial<Record<JobName, Shape>> = { pull_dsco_orders: PULL, ack_to_dsco: FEED, ship_to_dsco: FEED };

export type WatermarkCheck =
  | { readonly ok: true; readonly watermark: PullWatermark | FeedWatermark }
  | { readonly ok: false; readonly problem: string };

/** Whether `text` is a watermark of this job: JSON, of its shape, and not in the future, where it would hide orders. */
export function checkWatermark(job: JobName, text: string, now: Date): WatermarkCheck {
  const shape = SHAPES[job];
  if (shape === undefined) return { ok: false, problem: `${job} keeps no watermark; these do: ${Object.keys(SHAPES).join(", ")}` };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { ok: false, problem: `not JSON; expected ${shape.example}` };
  }
  const parsed = shape.schema.safeParse(json);
  if (!parsed.success) return { ok: false, problem: `not a watermark of ${job}; expected ${shape.example}` };
  // Not `>`: seconds beyond what a Date can hold make an invalid one, of which no comparison is true.
  if (!(watermarkTime(parsed.data).getTime() <= now.getTime()))
    return { ok: false, problem: `lies in the future (now it is ${now.toISOString()}); everything until then would be left out` };
  return { ok: true, watermark: parsed.data };
}

export function watermarkTime(watermark: PullWatermark | FeedWatermark): Date {
  return watermark.mode === "updatedSince" ? new Date(watermark.since) : new Date(watermark.since * 1000);
}

/** A stored watermark as JSON shows it; one that somebody broke by hand, as its text. */
export function watermarkAsJson(text: string | undefined): unknown {
  if (text === undefined) return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

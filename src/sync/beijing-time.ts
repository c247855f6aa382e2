/** China has one zone and no summer time (the last was in 1991), so a fixed offset is exact and needs nothing of the host. */
const OFFSET_MS = 8 * 3600_000;

export type BeijingTime =
  | { readonly ok: true; readonly time: Date }
  /** `empty`: it has not happened yet. `unreadable`: no time at all, so nobody may guess one. */
  | { readonly ok: false; readonly why: "empty" | "unreadable" };

/**
 * The instant of a Beijing wall clock `Y-m-d H:i:s`, as wmsOrderList writes its times (without a zone). Nothing, `0000-…` and the
 * zero of Unix time, which some fields show as 1970-01-01 08:00:00, mean "not yet".
 */
export function beijingToUtc(text: string): BeijingTime {
  const written = text.trim();
  if (written === "" || written.startsWith("0000-")) return { ok: false, why: "empty" };
  if (!/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(written)) return { ok: false, why: "unreadable" };
  const time = new Date(`${written.replace(" ", "T")}+08:00`);
  // Date.parse lets 30 February and 24:00:00 run over into the next day; a time that reads back otherwise was none.
  if (Number.isNaN(time.getTime()) || wallClock(time) !== written) return { ok: false, why: "unreadable" };
  return time.getTime() <= 0 ? { ok: false, why: "empty" } : { ok: true, time };
}

/** The day in Beijing, `Y-m-d`, as wmsOrderList takes `start_date` and `end_date`. */
export function beijingDay(time: Date): string {
  return wallClock(time).slice(0, 10);
}

function wallClock(time: Date): string {
  return new Date(time.getTime() + OFFSET_MS).toISOString().slice(0, 19).replace("T", " ");
}

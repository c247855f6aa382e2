const BEIJING_OFFSET_MS = 8 * 3_600_000;

/** `2025-11-20 09:10:11` on a clock in Beijing: the vendor's texts carry no zone. */
export function beijingText(ms: number): string {
  return new Date(ms + BEIJING_OFFSET_MS).toISOString().slice(0, 19).replace("T", " ");
}

/** The day in Beijing, `2025-11-20`. */
export function beijingDay(ms: number): string {
  return beijingText(ms).slice(0, 10);
}

/** The first instant of a Beijing day; NaN for a day that does not exist. */
export function startOfBeijingDay(day: string): number {
  const ms = Date.parse(`${day}T00:00:00+08:00`);
  return beijingDay(Number.isNaN(ms) ? 0 : ms) === day ? ms : Number.NaN;
}

const DAY_MS = 86_400_000;
const BEIJING_OFFSET_MS = 8 * 3_600_000; // no summer time

/** A span of whole days in Beijing, both included, as `2025-11-20`. */
export interface DaySpan {
  readonly from: string;
  readonly to: string;
}

/**
 * The Beijing days from one moment to another, in spans of at most `days` days (two or more) that share one day with their neighbour; none
 * where `to` lies a day or more before `from`.
 */
export function beijingDaySpans(from: Date, to: Date, days: number): DaySpan[] {
  const last = dayNumber(to);
  const spans: DaySpan[] = [];
  for (let start = dayNumber(from); ; start += days - 1) {
    const end = Math.min(start + days - 1, last);
    if (start <= end) spans.push({ from: dayText(start), to: dayText(end) });
    if (end === last) return spans;
  }
}

function dayNumber(at: Date): number {
  return Math.floor((at.getTime() + BEIJING_OFFSET_MS) / DAY_MS);
}

function dayText(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

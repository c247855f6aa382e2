const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** What the units of a span are called in a language. */
export interface SpanUnits {
  readonly sec: string;
  readonly min: string;
  readonly hour: string;
  readonly day: string;
}

const ENGLISH_UNITS: SpanUnits = { sec: "s", min: "min", hour: "h", day: "d" };

/** A span as people say it, in no more than two units: `45 s`, `5 min`, `3 h 20 min`, `2 d 4 h`. Its sign is left out. */
export function inWords(ms: number, units: SpanUnits = ENGLISH_UNITS): string {
  const sec = Math.round(Math.abs(ms) / 1000);
  if (sec < 2 * MINUTE) return `${sec} ${units.sec}`;
  const minutes = Math.round(sec / MINUTE);
  if (minutes < 60) return `${minutes} ${units.min}`;
  if (sec < DAY) return twoUnits(minutes, 60, units.hour, units.min);
  return twoUnits(Math.round(sec / HOUR), 24, units.day, units.hour);
}

function twoUnits(count: number, per: number, large: string, small: string): string {
  const rest = count % per;
  return `${Math.floor(count / per)} ${large}${rest === 0 ? "" : ` ${rest} ${small}`}`;
}

/** UTC; the day only where it is another one. */
export function clockTime(time: Date, now: Date): string {
  const text = time.toISOString();
  return `${text.slice(0, 10) === now.toISOString().slice(0, 10) ? "" : `${text.slice(0, 10)} `}${text.slice(11, 19)} UTC`;
}

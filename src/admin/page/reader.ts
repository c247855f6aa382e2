import { html } from "hono/html";
import type { Messages } from "./english.ts";
import type { Html } from "./markup.ts";

/** For whom a page is made: in which language, and as of when. */
export interface Reader {
  readonly words: Messages;
  /** The database's clock where there is one, by which due times are set. */
  readonly now: Date;
}

const BEIJING_MS = 8 * 3600_000;

/** `2026-11-22 18:04:05` */
export function utcText(time: Date): string {
  return time.toISOString().slice(0, 19).replace("T", " ");
}

/** The same moment on a clock in Beijing. */
export function beijingText(time: Date): string {
  return utcText(new Date(time.getTime() + BEIJING_MS));
}

/** A moment as people think of it, `3 min ago` or `in 5 min`; its date and time are told by the pointer. */
export function relativeTime(time: Date, { words, now }: Reader): Html {
  const ms = time.getTime() - now.getTime();
  return timeTag(time, ms > 0 ? words.ahead(ms) : words.ago(-ms), words);
}

/** A moment by the clock, in UTC; the day is left out where it is today's. */
export function clockTime(time: Date, { words, now }: Reader): Html {
  const text = utcText(time);
  const isToday = text.slice(0, 10) === utcText(now).slice(0, 10);
  return timeTag(time, isToday ? text.slice(11) : text.slice(0, 16), words);
}

/** Date and time in full, in UTC. */
export function fullTime(time: Date, { words }: Reader): Html {
  return timeTag(time, utcText(time), words);
}

function timeTag(time: Date, text: string, words: Messages): Html {
  return html`<time datetime="${time.toISOString()}" title="${words.frame.clock(utcText(time), beijingText(time))}">${text}</time>`;
}

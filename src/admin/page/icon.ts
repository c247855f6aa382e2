import { html, raw } from "hono/html";
import type { Html } from "./markup.ts";

/** Drawn in a square of 16, in the colour of the text beside them: no font has all of these. */
const SHAPES = {
  circle: '<circle cx="8" cy="8" r="5.5"/>',
  check: '<path d="M3 8.5 6.5 12 13 4.5"/>',
  again: '<path d="M13 8a5 5 0 1 1-1.6-3.7M13 2.2v2.8h-2.8"/>',
  person: '<circle cx="8" cy="5" r="2.8"/><path d="M2.8 14c.5-3 2.5-4.4 5.2-4.4s4.7 1.4 5.2 4.4"/>',
  dash: '<path d="M4 8h8"/>',
  arrow: '<path d="M2.5 8h10M9 4.2 12.8 8 9 11.8"/>',
  warning: '<path d="M8 2.2 14.5 13.5h-13zM8 6.3v3.4M8 11.6v.1"/>',
  cross: '<path d="m4 4 8 8M12 4l-8 8"/>',
  clock: '<circle cx="8" cy="8" r="5.8"/><path d="M8 4.7V8l2.3 1.6"/>',
  search: '<circle cx="7" cy="7" r="4.5"/><path d="m10.5 10.5 3.5 3.5"/>',
  pause: '<path d="M5.5 4v8M10.5 4v8"/>',
} as const;
export type IconName = keyof typeof SHAPES;

/** Always beside a word that says the same. */
export function icon(name: IconName): Html {
  return html`<svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">${raw(SHAPES[name])}</svg>`;
}

/** What stands out, or nothing where nobody looks. */
export interface Paint {
  readonly strong: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly alarm: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly good: (text: string) => string;
}
export type Tone = keyof Paint;

export const PLAIN: Paint = { strong: plain, faint: plain, alarm: plain, warn: plain, good: plain };
const COLOURS: Paint = {
  strong: coloured(1, 22),
  faint: coloured(2, 22),
  alarm: coloured(31, 39),
  warn: coloured(33, 39),
  good: coloured(32, 39),
};

/** Colours on a terminal that has them, unless NO_COLOR (no-color.org) asks for none. */
export function paintFor(stream: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv = process.env): Paint {
  return stream.isTTY === true && !env.NO_COLOR && env.TERM !== "dumb" ? COLOURS : PLAIN;
}

function plain(text: string): string {
  return text;
}

/** By the codes of ECMA-48 that switch a rendition on and off. */
function coloured(on: number, off: number): (text: string) => string {
  return (text) => (text === "" ? "" : `\u001b[${on}m${text}\u001b[${off}m`);
}

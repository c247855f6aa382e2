/** A terminal as servers have them. */
export const WIDTH = 80;
/** The column of labels and times. */
export const GUTTER = 10;
/** A trace id is looked for in the logs by its beginning. */
export const TRACE_LENGTH = 8;

/** What stands out, or nothing where nobody looks. */
export interface Paint {
  readonly strong: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly alarm: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly good: (text: string) => string;
}
export type Tone = keyof Paint;

import { html } from "hono/html";
import type { Messages } from "./english.ts";
import type { Content } from "./markup.ts";

/** A text from the records: in the reader's language where it is ipass's own, else in quotes, as somebody wrote it. */
export function recorded(text: string, words: Messages): Content {
  return words.recorded(text) ?? html`<q>${text}</q>`;
}

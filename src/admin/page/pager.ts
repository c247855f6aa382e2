import { html } from "hono/html";
import type { Frame } from "./frame.ts";
import { href, PAGE_SIZE } from "./links.ts";
import type { Content } from "./markup.ts";

/** Where in a list one is, and the links to the pages beside it. */
export function pager({ shown, total }: { readonly shown: number; readonly total: number }, { words, place }: Frame): Content {
  const { pager: w } = words;
  const offset = place.offset ?? 0;
  if (total <= PAGE_SIZE && offset === 0) return "";
  const before = Math.max(0, offset - PAGE_SIZE);
  const link = (to: number, rel: string, text: string) => html`<a rel="${rel}" href="${href({ ...place, offset: to })}">${text}</a>`;
  return html`<nav class="pager" aria-label="${w.label}">
${offset > 0 ? link(before, "prev", w.previous) : ""}
<span>${w.range(Math.min(offset + 1, total), offset + shown, total)}</span>
${offset + shown < total ? link(offset + PAGE_SIZE, "next", w.next) : ""}
</nav>`;
}

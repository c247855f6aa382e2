import { html } from "hono/html";
import { actionForm, runAction } from "./action-form.ts";
import type { Frame } from "./frame.ts";
import { icon } from "./icon.ts";
import { href } from "./links.ts";
import type { Html } from "./markup.ts";

/** Nothing goes by what was searched for: perhaps DSCO has it. */
export function unknownOrder(text: string, frame: Frame): Html {
  const { order: w, action } = frame.words;
  return html`<section class="now plain"><h1 class="says">${icon("search")} ${w.unknown(text)}</h1><p>${w.unknownMore}</p>
<div class="actions">${actionForm({ ...runAction("pull_dsco_orders", { id: text, title: action.pullUnknown }, frame), isFirst: true }, frame)}</div></section>`;
}

/** Several orders go by the number. */
export function severalOrders(text: string, ids: readonly string[], frame: Frame): Html {
  return html`<div class="head"><h1>${frame.words.order.several(text)}</h1></div>
<ul class="tally">${ids.map((id) => html`<li><a class="id" href="${href({ order: id })}">${id}</a></li>`)}</ul>`;
}

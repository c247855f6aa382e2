import { html, raw } from "hono/html";
import type { JobName } from "../../sync/job-name.ts";
import { shellWord } from "../../sync/shell-word.ts";
import { csrfField, type Frame } from "./frame.ts";
import { href } from "./links.ts";
import type { Html } from "./markup.ts";

export interface ActionForm {
  readonly to: "/ui/run" | "/ui/requeue" | "/ui/resolve";
  /** On the button that opens it, and on the one that sends it. */
  readonly title: string;
  /** What it does, where the title does not say it all. */
  readonly hint?: string;
  readonly fields: Readonly<Record<string, string>>;
  /** The command that does the same. */
  readonly command: string;
  readonly isFirst?: boolean;
}

/** An action that opens to its form: what it does, as what it is recorded, the command that does the same, and the reason. */
export function actionForm({ to, title, hint, fields, command, isFirst }: ActionForm, frame: Frame): Html {
  const hidden = Object.entries(fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`);
  return html`<details class="action${isFirst === true ? " first" : ""}">
<summary>${title}</summary>
<form method="post" action="${to}">
${hidden}${hint === undefined ? "" : html`<p class="faint">${hint}</p>`}
${reasonAndSend(title, frame)}
${sameInShell(command, frame)}
</form>
</details>`;
}

/** Runs one pass; of one order only, where one is given. */
export function runAction(job: JobName, order: { readonly id: string; readonly title: string } | undefined, { words }: Frame): ActionForm {
  const { action: w, job: names } = words;
  return {
    to: "/ui/run",
    title: order?.title ?? w.run,
    hint: w.runTitle(names[job]),
    fields: { job, ...(order === undefined ? {} : { order: order.id }) },
    command: `ipass run ${job}${order === undefined ? "" : ` --order ${shellWord(order.id)}`}`,
  };
}

/** The end of every form that acts. */
export function reasonAndSend(send: string, frame: Frame): Html {
  const { words, csrf, actor, place } = frame;
  const w = words.action;
  return html`${csrfField(csrf)}<input type="hidden" name="back" value="${href(place)}">
<div class="send"><label class="reason"><span>${w.reason}</span><input name="reason" required maxlength="500" placeholder="${w.reasonHint}" autocomplete="off"></label>
<button>${send}</button></div>
<p class="faint">${w.recordedAs(actor)}</p>`;
}

export function sameInShell(command: string, { words }: Pick<Frame, "words">): Html {
  return html`<p class="shell"><span>${words.action.same}</span> <code>${command}</code></p>`;
}

/** A box before each row of a list, for an action on several. */
export function tick(name: string, value: string, label: string, isTicked: boolean): Html {
  return html`<input type="checkbox" name="${name}" value="${value}" aria-label="${label}"${isTicked ? raw(" checked") : ""}>`;
}

import { html } from "hono/html";
import { EXIT } from "../../exit-codes.ts";
import type { Messages } from "./english.ts";
import { type IconName, icon } from "./icon.ts";
import type { Content, Html } from "./markup.ts";
import type { Notice } from "./notice.ts";
import type { Reader } from "./reader.ts";
import { recorded } from "./recorded.ts";
import { exitWords } from "./state.ts";

/** What became of the form that was sent last, where the reader looks first. */
export function noticeBox(notice: Notice, reader: Reader): Html {
  const { tone, shape, message, more } = told(notice, reader);
  return html`<div class="notice ${tone}" role="${tone === "good" ? "status" : "alert"}">${icon(shape)}<div><p>${message}</p>${more}</div></div>`;
}

interface Told {
  readonly tone: "good" | "warn" | "alarm";
  readonly shape: IconName;
  readonly message: string;
  readonly more?: Content;
}

function told(notice: Notice, { words }: Reader): Told {
  const { notice: w } = words;
  const good = { tone: "good", shape: "check" } as const;
  const warn = { tone: "warn", shape: "warning" } as const;
  switch (notice.of) {
    case "requeued":
      return { ...good, message: notice.count === 0 ? w.requeuedNone : w.requeued(notice.count) };
    case "resolved":
      return { ...good, message: notice.count === 0 ? w.resolvedNone : w.resolved(notice.count) };
    case "noSelection":
      return { ...warn, message: w.noSelection };
    case "noReason":
      return { ...warn, message: w.noReason };
    case "off":
      return { ...warn, message: w.off(words.job[notice.job]) };
    case "runWaits":
      return { ...good, message: w.runWaits(words.job[notice.job]), more: trace(notice.trace, words.notice.trace) };
    case "refused":
      return { ...warn, message: w.refused, more: said(notice, words) };
    case "ran":
      return ran(notice, words);
  }
}

function ran(notice: Extract<Notice, { of: "ran" }>, words: Reader["words"]): Told {
  const { notice: w } = words;
  const job = words.job[notice.job];
  const exit = exitWords(notice.exit, words);
  const more = html`${said(notice, words)}${trace(notice.trace, w.trace)}`;
  if (notice.exit.code === EXIT.locked.code) return { tone: "warn", shape: "warning", message: w.locked(job), more };
  if (notice.said !== undefined) return { tone: "alarm", shape: "cross", message: w.runFailed(job, exit), more };
  return { tone: "good", shape: "check", message: w.ran(job, exit, notice.done), more };
}

/** What the shell would print. */
function said(
  { said, nextStep }: { readonly said?: string | undefined; readonly nextStep?: string | undefined },
  words: Messages,
): Content {
  if (said === undefined) return "";
  return html`<p class="said">${recorded(said, words)}${nextStep === undefined ? "" : html` → ${recorded(nextStep, words)}`}</p>`;
}

function trace(id: string, label: (id: string) => string): Html {
  return html`<p class="faint">${label(id)}</p>`;
}

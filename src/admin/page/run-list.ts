import { html } from "hono/html";
import type { Run } from "../../store/run-query.ts";
import { JOB_NAMES } from "../../sync/job-name.ts";
import type { Frame } from "./frame.ts";
import { href, PAGE_SIZE } from "./links.ts";
import type { Content, Html } from "./markup.ts";
import { select } from "./order-list.ts";
import { clockTime } from "./reader.ts";
import { recorded } from "./recorded.ts";
import { runState } from "./state.ts";
import { table } from "./table.ts";

/** Runs, the newest first. `more`: there are older ones. */
export function runList({ items, more }: { readonly items: readonly Run[]; readonly more: boolean }, frame: Frame): Html {
  const { words, place } = frame;
  const { runs: w } = words;
  return html`<div class="head"><h1>${w.title}</h1>
<form class="filter" method="get" action="/">
<input type="hidden" name="view" value="runs">
${select(
  "job",
  w.job,
  w.anyJob,
  JOB_NAMES.map((job) => [job, words.job[job]]),
  place.job,
)}
<button class="plain">${w.show}</button>
</form></div>
${items.length === 0 ? html`<p class="empty">${w.none}</p>` : runTable(items, frame)}
${neighbours(more, frame)}`;
}

function runTable(rows: readonly Run[], frame: Frame): Html {
  const { runs: w, job: names, span } = frame.words;
  return table<Run>({
    caption: w.title,
    rows,
    columns: [
      { head: w.began, cell: ({ started_at }) => clockTime(started_at, frame) },
      { head: w.job, cell: ({ job }) => names[job] },
      { head: w.end, cell: (run) => html`${runState(run, frame.words)}${run.dry_run ? html`<span class="below">${w.dryRun}</span>` : ""}` },
      { head: w.took, kind: "number", cell: ({ duration_ms }) => (duration_ms === null ? "" : span(duration_ms)) },
      {
        head: w.counts,
        kind: "wide",
        cell: (run) =>
          html`${counts(run, frame)}${run.error === null ? "" : html`<span class="below">${recorded(run.error, frame.words)}</span>`}`,
      },
      { head: w.calls, kind: "number", cell: (run) => calls(run, frame) },
      { head: w.by, cell: (run) => who(run, frame) },
      { head: w.trace, kind: "id", cell: ({ trace_id }) => html`<span class="trace">${trace_id}</span>` },
    ],
  });
}

const COUNTED = ["done", "waiting", "failed", "manual", "skipped"] as const;

function counts({ counts: found, exit }: Run, { words: { runs: w, number } }: Frame): Content {
  const told = COUNTED.filter((name) => found[name] > 0).map(
    (name) => html`<li class="${name}"><b>${number(found[name])}</b> ${w.count[name]}</li>`,
  );
  if (told.length > 0) return html`<ul class="inline">${told}</ul>`;
  return exit === null ? "" : html`<span class="faint">${w.nothing}</span>`;
}

function who({ actor, reason, host }: Run, { words }: Frame): Content {
  if (actor === null) return html`<span class="faint">${host}</span>`;
  return html`${actor}${reason === null ? "" : html`<span class="below why">${recorded(reason, words)}</span>`}`;
}

function calls({ vendor_calls: { dsco, lingxing } }: Run, { words: { runs: w, number } }: Frame): Content {
  const all = dsco.calls + lingxing.calls;
  const throttled = dsco.throttled + lingxing.throttled;
  if (all === 0) return "";
  return html`${number(all)}${throttled === 0 ? "" : html`<span class="below">${w.throttled(throttled)}</span>`}`;
}

/** How many there are in all is not counted: the table grows by a row a minute and job. */
function neighbours(more: boolean, { words: { runs: w, pager: p }, place }: Frame): Content {
  const offset = place.offset ?? 0;
  if (offset === 0 && !more) return "";
  return html`<nav class="pager" aria-label="${p.label}">
${offset === 0 ? "" : html`<a rel="prev" href="${href({ ...place, offset: Math.max(0, offset - PAGE_SIZE) })}">${w.newer}</a>`}
${more ? html`<a rel="next" href="${href({ ...place, offset: offset + PAGE_SIZE })}">${w.older}</a>` : ""}
</nav>`;
}

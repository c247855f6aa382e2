import { html } from "hono/html";
import { type Frame, shell } from "./frame.ts";
import { icon } from "./icon.ts";
import type { Html } from "./markup.ts";

/** What keeps a page from being shown. `said`: the error's own words, in English. */
export interface Trouble {
  readonly of: "database" | "request" | "internal";
  readonly said: string;
  readonly nextStep: string;
  readonly traceId: string;
}

/** Everything is broken: says so, and what to do about it. */
export function troubleView({ of, said, nextStep, traceId }: Trouble, frame: Pick<Frame, "words" | "nonce">): Html {
  const { trouble: w } = frame.words;
  const told = {
    database: { title: w.database, more: w.databaseMore, remedy: w.databaseRemedy },
    request: { title: w.request, more: "", remedy: w.requestRemedy },
    internal: { title: w.internal, more: "", remedy: w.internalRemedy },
  }[of];
  return shell(
    told.title,
    html`<main id="main" class="door trouble" tabindex="-1">
<h1>${icon("warning")} ${told.title}</h1>
${told.more === "" ? "" : html`<p>${told.more}</p>`}
<h2>${w.remedy}</h2>
<p>${told.remedy}</p>
<p class="said">${w.said} <q lang="en">${said}</q> → <q lang="en">${nextStep}</q></p>
<p class="faint">trace_id <code>${traceId}</code></p>
<p><a class="button" href="/">${w.home}</a></p>
</main>`,
    frame,
  );
}

import { html, raw } from "hono/html";
import { CSRF_FIELD } from "../request.ts";
import { icon } from "./icon.ts";
import { href, type Place } from "./links.ts";
import type { Content, Html } from "./markup.ts";
import type { Notice } from "./notice.ts";
import { noticeBox } from "./notice-box.ts";
import { beijingText, type Reader, utcText } from "./reader.ts";
import { STYLE } from "./style.ts";

/** What is around every view. */
export interface Frame extends Reader {
  /** For `<style nonce>`: the content security policy takes no other. */
  readonly nonce: string;
  /** What every form sends along; empty where nothing has to be signed in to. */
  readonly csrf: string;
  /** As what the reader's actions are recorded. */
  readonly actor: string;
  readonly place: Place;
  /** What became of the form that was sent last. */
  readonly notice: Notice | undefined;
  /** The other languages, by their names for themselves. */
  readonly otherLanguages: readonly { readonly code: string; readonly lang: string; readonly name: string }[];
}

/** A tab is found by it. */
const FAVICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' rx='7' fill='%233b50c4'/%3E%3Cpath d='M7 12h14m-4.5-4.5L21 12l-4.5 4.5M25 20H11m4.5-4.5L11 20l4.5 4.5' fill='none' stroke='%23fff' stroke-width='2.5' stroke-linecap='round' stroke-linejoin='round'/%3E%3C/svg%3E";

/** A view in its frame: where one can go from here, the search, the clock. */
export function framed(title: string, main: Content, frame: Frame): Html {
  const { words, place, now } = frame;
  const { frame: w } = words;
  const sections = [
    { name: w.overview, to: {}, here: place.view === undefined && place.order === undefined && place.q === undefined },
    { name: w.orders, to: { view: "orders" }, here: place.view === "orders" },
    { name: w.tasks, to: { view: "tasks" }, here: place.view === "tasks" },
    { name: w.runs, to: { view: "runs" }, here: place.view === "runs" },
  ] as const;
  return shell(
    title,
    html`<header class="top">
<div class="bar">
<a class="brand" href="/">ipass <span>${w.channel}</span></a>
<nav aria-label="${w.sections}"><ul>${sections.map(({ name, to, here }) => html`<li><a href="${href(to)}"${here ? raw(' aria-current="page"') : ""}>${name}</a></li>`)}</ul></nav>
<form class="search" role="search" action="/" method="get">
<label class="unseen" for="q">${w.search}</label>
<input id="q" name="q" type="search" value="${place.q ?? ""}" placeholder="${w.searchHint}" autocomplete="off" spellcheck="false" required maxlength="255">
<button class="plain" title="${w.find}">${icon("search")}<span class="unseen">${w.find}</span></button>
</form>
<div class="corner">${languageLinks(frame)}${signOut(frame)}</div>
</div>
</header>
<main id="main" tabindex="-1">
${frame.notice === undefined ? "" : noticeBox(frame.notice, frame)}
${main}
</main>
<footer><p>${w.asOf} <time datetime="${now.toISOString()}">${w.clock(utcText(now), beijingText(now).slice(11))}</time></p><p>${w.timesUtc}</p></footer>`,
    frame,
  );
}

/** A document without a way anywhere: the form to sign in. */
export function shell(title: string, body: Content, { words, nonce }: Pick<Frame, "words" | "nonce">): Html {
  return html`<!doctype html>
<html lang="${words.lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · ipass</title>
<link rel="icon" href="${raw(FAVICON)}">
<style nonce="${nonce}">${raw(STYLE)}</style>
</head>
<body>
<a class="skip" href="#main">${words.frame.skip}</a>
${body}
</body>
</html>
`;
}

export function languageLinks({ place, otherLanguages }: Pick<Frame, "place" | "otherLanguages">): Html {
  const links = otherLanguages.map(
    ({ code, lang, name }) => html`<a href="${href({ ...place, lang: code })}" lang="${lang}" hreflang="${lang}">${name}</a>`,
  );
  return html`<span class="languages">${links}</span>`;
}

function signOut({ csrf, words }: Frame): Content {
  if (csrf === "") return "";
  return html`<form method="post" action="/logout">${csrfField(csrf)}<button class="link">${words.frame.signOut}</button></form>`;
}

export function csrfField(csrf: string): Content {
  return csrf === "" ? "" : html`<input type="hidden" name="${CSRF_FIELD}" value="${csrf}">`;
}

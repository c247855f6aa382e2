import { html } from "hono/html";
import { type Frame, languageLinks, shell } from "./frame.ts";
import type { Content, Html } from "./markup.ts";

export type SignInCase = "first" | "wrong" | "over" | "no_token";

/** The form to sign in with the token; without one configured, what to do about that. */
export function signInView(why: SignInCase, frame: Pick<Frame, "words" | "nonce" | "place" | "otherLanguages">): Html {
  const { signIn: w } = frame.words;
  const problem = why === "wrong" ? w.wrong : why === "over" ? w.over : undefined;
  const body: Content =
    why === "no_token"
      ? html`<h1>${w.noToken}</h1><p>${w.noTokenMore}</p>`
      : html`<h1><span class="brand">ipass</span></h1>
${problem === undefined ? "" : html`<p class="problem" id="problem" role="alert">${problem}</p>`}
<form method="post" action="/login">
<label for="token">${w.token}</label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus aria-describedby="hint${problem === undefined ? "" : " problem"}">
<p class="faint" id="hint">${w.hint}</p>
<button>${w.enter}</button>
</form>`;
  return shell(w.title, html`<main id="main" class="door" tabindex="-1">${body}${languageLinks(frame)}</main>`, frame);
}

import { textAnswer } from "./answers.ts";
import { CHINESE_PAGE } from "./page/chinese.ts";
import { ENGLISH_PAGE, type Messages } from "./page/english.ts";
import type { Frame } from "./page/frame.ts";
import { chooseLanguage, isLanguage, LANGUAGE_COOKIE, LANGUAGE_SEC, LANGUAGES, type Language } from "./page/language.ts";
import type { Place } from "./page/links.ts";
import type { Html } from "./page/markup.ts";
import { NOTICE_COOKIE, readNotice } from "./page/notice.ts";
import type { AdminRequest } from "./request.ts";

const WORDS: Readonly<Record<Language, Messages>> = { zh: CHINESE_PAGE, en: ENGLISH_PAGE };
const HTML = "text/html; charset=utf-8";

/** What is around the view that a request asks for, in the language of its reader. */
export function frameOf(request: AdminRequest, place: Place, now: Date): Frame {
  const { lang, ...here } = place;
  const language = chooseLanguage(lang ?? request.cookie(LANGUAGE_COOKIE), request.header("accept-language"));
  return {
    words: WORDS[language],
    now,
    nonce: request.nonce,
    csrf: request.csrf,
    actor: request.actor,
    place: here,
    notice: readNotice(request.cookie(NOTICE_COOKIE)),
    otherLanguages: LANGUAGES.filter((other) => other !== language).map((code) => ({
      code,
      lang: WORDS[code].lang,
      name: WORDS[code].name,
    })),
  };
}

/** A page as an answer. A language that was chosen is remembered, a notice is told once, and a wall screen asks again by itself. */
export async function pageAnswer(status: number, page: Html, request: AdminRequest, place: Place = {}): Promise<Response> {
  const answer = textAnswer(status, String(await page), HTML);
  answer.headers.set("vary", "accept-language, cookie");
  if (isLanguage(place.lang)) answer.headers.append("set-cookie", request.cookieText(LANGUAGE_COOKIE, place.lang, LANGUAGE_SEC));
  if (request.cookie(NOTICE_COOKIE) !== undefined) answer.headers.append("set-cookie", request.cookieText(NOTICE_COOKIE, "", 0));
  if (place.refresh === 1) answer.headers.set("refresh", "60");
  return answer;
}

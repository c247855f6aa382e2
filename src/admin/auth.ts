import { isLoopback } from "../config/reading.ts";
import { type Session, type Sessions, sameText } from "./session.ts";

/**
 * What a route asks of whoever calls it.
 * - `none`: nothing, not even a loopback name
 * - `token`: the bearer token, or a session's cookie (a POST then with the CSRF field)
 * - `page`: the same, but whoever has neither is shown the form to sign in, with 401
 * - `form`: the same, for what the page's own forms do
 * - `sign_in`: the token stands in the form
 */
export type Auth = "none" | "token" | "page" | "form" | "sign_in";

/** How the admin is protected, decided once at the start. */
export type Protection =
  | { readonly by: "token"; readonly token: string; readonly sessions: Sessions }
  /** No token, bound to loopback: only this machine gets here, and only by its own names. */
  | { readonly by: "loopback" }
  /** No token, but others could reach us: everything but health is shut. */
  | { readonly by: "nothing" };

/** What a request says of itself. */
export interface Credentials {
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly authorization: string | undefined;
  /** The session's cookie. */
  readonly cookie: string | undefined;
}

export type Access = { readonly granted: true; readonly session?: Session } | Denial;

/** Why a request is not let in: 401 is about the token, 403 about where the request comes from. */
export interface Denial {
  readonly granted: false;
  readonly status: 401 | 403;
  readonly reason: "unconfigured" | "no_token" | "wrong_token" | "session_over" | "foreign_host" | "foreign_origin";
  readonly why: string;
  readonly nextStep: string;
}

export const DENIALS = {
  unconfigured: denial(
    401,
    "unconfigured",
    "no admin token is configured, and this address can be reached from elsewhere",
    "set IPASS_ADMIN_TOKEN, or bind to this machine only with IPASS_HTTP_ADDR=127.0.0.1:8080; then restart ipass serve",
  ),
  noToken: denial(401, "no_token", "the admin token is missing", "send it as Authorization: Bearer <IPASS_ADMIN_TOKEN>, or sign in at /"),
  wrongToken: denial(401, "wrong_token", "the admin token is wrong", "it stands in IPASS_ADMIN_TOKEN where ipass serve runs"),
  sessionOver: denial(401, "session_over", "the session is over", "sign in at /, or send Authorization: Bearer <IPASS_ADMIN_TOKEN>"),
  foreignHost: denial(
    403,
    "foreign_host",
    "without an admin token, only names of this machine are answered",
    "call it 127.0.0.1 or localhost, or set IPASS_ADMIN_TOKEN",
  ),
  foreignOrigin: denial(
    403,
    "foreign_origin",
    "the request comes from a page of another site",
    "open the admin's own page, or set IPASS_ADMIN_TOKEN and send it",
  ),
};

/** Whether a request may go on. Without a token, a page of another site must not act through a browser on this machine. */
export function decideAccess(auth: Auth, protection: Protection, credentials: Credentials, now: Date): Access {
  if (auth === "none") return { granted: true };
  switch (protection.by) {
    case "nothing":
      return DENIALS.unconfigured;
    case "loopback":
      return decideLoopback(credentials);
    case "token":
      return auth === "sign_in" ? { granted: true } : decideToken(protection, credentials, now);
  }
}

function decideLoopback({ host, origin }: Credentials): Access {
  const here = host === undefined ? undefined : urlOf(`http://${host}`);
  if (here === undefined || !isLoopback(here.hostname)) return DENIALS.foreignHost;
  return origin === undefined || urlOf(origin)?.host === here.host ? { granted: true } : DENIALS.foreignOrigin;
}

function decideToken({ token, sessions }: Extract<Protection, { by: "token" }>, { authorization, cookie }: Credentials, now: Date): Access {
  if (authorization !== undefined) {
    const given = /^bearer +(.*)$/i.exec(authorization)?.[1] ?? "";
    return sameText(given, token) ? { granted: true } : DENIALS.wrongToken;
  }
  if (cookie === undefined) return DENIALS.noToken;
  const session = sessions.find(cookie, now);
  return session === undefined ? DENIALS.sessionOver : { granted: true, session };
}

function denial(status: Denial["status"], reason: Denial["reason"], why: string, nextStep: string): Denial {
  return { granted: false, status, reason, why, nextStep };
}

function urlOf(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

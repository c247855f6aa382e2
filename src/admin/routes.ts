import { jsonAnswer } from "./answers.ts";
import { NO_PARAMS } from "./params.ts";
import { type Route, route } from "./request.ts";
import { login, logout, PAGE_PARAMS, page, uiRequeue, uiResolve, uiRun } from "./ui.ts";

/** Everything `ipass serve` answers; whatever is not in here is 404. */
export const ROUTES: readonly Route[] = [
  route({ method: "GET", path: "/healthz", auth: "none", query: NO_PARAMS, handle: () => jsonAnswer(200, { ok: true }) }),
  route({ method: "GET", path: "/", auth: "page", query: PAGE_PARAMS, handle: page }),
  route({ method: "POST", path: "/login", auth: "sign_in", query: NO_PARAMS, handle: login }),
  route({ method: "POST", path: "/logout", auth: "form", query: NO_PARAMS, handle: logout }),
  route({ method: "POST", path: "/ui/run", auth: "form", query: NO_PARAMS, handle: uiRun }),
  route({ method: "POST", path: "/ui/requeue", auth: "form", query: NO_PARAMS, handle: uiRequeue }),
  route({ method: "POST", path: "/ui/resolve", auth: "form", query: NO_PARAMS, handle: uiResolve }),
];

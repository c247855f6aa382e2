import {
  getOrder,
  getWatermark,
  JOB_PARAMS,
  listOrders,
  listTasks,
  ORDER_PARAMS,
  ORDERS_PARAMS,
  postRun,
  postWatermark,
  TASKS_PARAMS,
} from "./api.ts";
import { healthz, readyz } from "./health.ts";
import { getMetrics } from "./metrics.ts";
import { NO_PARAMS } from "./params.ts";
import { type Route, route } from "./request.ts";
import { login, logout, PAGE_PARAMS, page } from "./ui.ts";
import { uiRequeue, uiResolve, uiRun } from "./ui-actions.ts";

/** Everything `ipass serve` answers; whatever is not in here is 404. docs/openapi-admin.yaml says the same, checked by a test. */
export const ROUTES: readonly Route[] = [
  route({ method: "GET", path: "/healthz", auth: "none", query: NO_PARAMS, handle: healthz }),
  route({ method: "GET", path: "/readyz", auth: "none", query: NO_PARAMS, handle: readyz }),
  route({ method: "POST", path: "/admin/run", auth: "token", query: JOB_PARAMS, runs: true, handle: postRun }),
  route({ method: "GET", path: "/admin/order_state/get", auth: "token", query: ORDER_PARAMS, handle: getOrder }),
  route({ method: "GET", path: "/admin/order_states", auth: "token", query: ORDERS_PARAMS, handle: listOrders }),
  route({ method: "GET", path: "/admin/watermark/get", auth: "token", query: JOB_PARAMS, handle: getWatermark }),
  route({ method: "POST", path: "/admin/watermark/set", auth: "token", query: JOB_PARAMS, handle: postWatermark }),
  route({ method: "GET", path: "/admin/manual_tasks", auth: "token", query: TASKS_PARAMS, handle: listTasks }),
  route({ method: "GET", path: "/metrics", auth: "token", query: NO_PARAMS, handle: getMetrics }),
  route({ method: "GET", path: "/", auth: "page", query: PAGE_PARAMS, handle: page }),
  route({ method: "POST", path: "/login", auth: "sign_in", query: NO_PARAMS, handle: login }),
  route({ method: "POST", path: "/logout", auth: "form", query: NO_PARAMS, handle: logout }),
  route({ method: "POST", path: "/ui/run", auth: "form", query: NO_PARAMS, runs: true, handle: uiRun }),
  route({ method: "POST", path: "/ui/requeue", auth: "form", query: NO_PARAMS, handle: uiRequeue }),
  route({ method: "POST", path: "/ui/resolve", auth: "form", query: NO_PARAMS, handle: uiResolve }),
];

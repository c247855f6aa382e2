import type { Config } from "../../config/env.ts";
import { nearestVariable, type Setting } from "../../config/inspect.ts";
import { isLoopback } from "../../config/reading.ts";
import type { VariableName } from "../../config/variables.ts";
import type { JobName } from "../../sync/job-name.ts";
import { type Finding, fail, pass, warn } from "../finding.ts";

/** One finding for each variable: `config.IPASS_…`. */
export function judgeSettings(settings: readonly Setting[]): Finding[] {
  return settings.map(({ name, shown, problem }) => {
    const id = `config.${name}`;
    if (problem === undefined) return pass(id, shown ?? "not set");
    return fail(
      id,
      problem.given === undefined ? "not set" : `got ${problem.given}`,
      `set ${name} in .env (or wherever it is set) to ${problem.expected}`,
    );
  });
}

/** No error: an .env of the older service has such names. But a typo leaves a setting at its default without a word. */
export function judgeUnknown(names: readonly string[]): Finding {
  const id = "config.unknown";
  if (names.length === 0) return pass(id, "no IPASS_ variable is unknown");
  const shown = names.map((name) => {
    const meant = nearestVariable(name);
    return meant === undefined ? name : `${name} (did you mean ${meant}?)`;
  });
  return warn(id, `set, but not known to ipass: ${shown.join(", ")}`, "correct the name, or take the line out of .env");
}

/** The settings that could be read; a section with a problem is missing. */
export type Readable = Partial<Pick<Config, "admin" | "dsco" | "lingxing" | "rules" | "push" | "stock" | "jobs">>;

/** What each variable by itself does not show: settings that make no sense together. `isSet`: whether a variable has a value, right or wrong. */
export function judgeTogether(config: Readable, isSet: (name: VariableName) => boolean): Finding[] {
  return [
    ...(config.admin === undefined ? [] : [judgeAdmin(config.admin)]),
    ...(config.dsco === undefined ? [] : [judgeDscoToken(config.dsco, isSet("IPASS_DSCO_CLIENT_ID"))]),
    ...(config.lingxing === undefined ? [] : [judgeLingxingToken(config.lingxing, isSet("IPASS_LINGXING_APP_SECRET"))]),
    ...(config.rules === undefined ? [] : [judgeGrace(config.rules)]),
    ...(config.push === undefined ? [] : [judgeRoutes(config.push, config.stock)]),
    ...(config.jobs === undefined ? [] : [judgeChain(config.jobs)]),
    ...(config.jobs === undefined || config.rules === undefined ? [] : [judgeFreshness(config.jobs, config.rules)]),
  ];
}

const SHORT_TOKEN = 16;
const NEW_TOKEN = `printf '\\nIPASS_ADMIN_TOKEN=%s\\n' "$(openssl rand -hex 32)" >> .env`;

function judgeAdmin({ enabled, host, port, token }: Config["admin"]): Finding {
  const id = "settings.admin_token";
  const where = `${host === "" ? "every interface" : host}, port ${port}`;
  if (!enabled) return pass(id, "the admin is switched off");
  if (token === undefined && !isLoopback(host)) {
    return warn(
      id,
      `no IPASS_ADMIN_TOKEN while ipass serve is bound to ${where}: it answers 401 to everything but health`,
      "make one, or bind it to this machine with IPASS_HTTP_ADDR=127.0.0.1:8080",
      NEW_TOKEN,
    );
  }
  if (token !== undefined && token.length < SHORT_TOKEN) {
    return warn(
      id,
      `IPASS_ADMIN_TOKEN has ${token.length} characters, which can be guessed`,
      `take its line out of .env and make one of ${SHORT_TOKEN} or more`,
      NEW_TOKEN,
    );
  }
  return pass(id, `${token === undefined ? "without a token, reachable from this machine only" : "guarded by a token"} (${where})`);
}

function judgeDscoToken({ auth, baseUrl }: Config["dsco"], pairToo: boolean): Finding {
  const id = "settings.dsco_auth";
  if (auth.kind === "token" && pairToo) {
    return warn(
      id,
      "IPASS_DSCO_TOKEN and IPASS_DSCO_CLIENT_ID are both set: the fixed token is used, and nobody renews it",
      "take one of the two out of .env",
    );
  }
  return pass(id, auth.kind === "client" ? `tokens are fetched from ${baseUrl} and renewed` : "a fixed token");
}

function judgeLingxingToken({ auth, baseUrl }: Config["lingxing"], secretToo: boolean): Finding {
  const id = "settings.lingxing_auth";
  if (auth.kind === "secret") return pass(id, "tokens are fetched, shared and renewed");
  if (isLoopback(new URL(baseUrl).hostname)) return pass(id, "a fixed token, for a stand-in on this machine");
  const found = secretToo ? "IPASS_LINGXING_ACCESS_TOKEN hides IPASS_LINGXING_APP_SECRET" : "IPASS_LINGXING_ACCESS_TOKEN is fixed";
  return warn(
    id,
    `${found}: such a token ends about two hours after its issue, and nobody here renews it`,
    `${secretToo ? "take it out of .env" : "put IPASS_LINGXING_APP_SECRET into .env instead"}, unless another program issues these tokens`,
  );
}

/** The time limit of a vendor's write call. */
const WRITE_LIMIT_SEC = 60;
const SAFE_GRACE_SEC = 120;

function judgeGrace({ inDoubtGraceSec }: Config["rules"]): Finding {
  const id = "settings.in_doubt_grace";
  const found = `a request without an answer counts as lost after ${inDoubtGraceSec} s (IPASS_IN_DOUBT_GRACE_SEC)`;
  const text = "set it to 300, or take its line out of .env";
  if (inDoubtGraceSec <= WRITE_LIMIT_SEC)
    return fail(id, `${found}, while it may be under way for ${WRITE_LIMIT_SEC} s: it could be sent twice`, text);
  if (inDoubtGraceSec < SAFE_GRACE_SEC) return warn(id, `${found}, which leaves little for a vendor whose reads lag`, text);
  return pass(id, found);
}

function judgeRoutes({ warehouseMap, logisticsMap }: Config["push"], stock: Config["stock"] | undefined): Finding {
  const id = "settings.maps";
  const warehouses = [...(warehouseMap?.keys() ?? [])];
  const routes = [...(logisticsMap?.keys() ?? [])];
  if ((warehouseMap === undefined) !== (logisticsMap === undefined)) {
    const [set, missing] =
      warehouseMap === undefined
        ? ["IPASS_LOGISTICS_MAP_JSON", "IPASS_WAREHOUSE_MAP_JSON"]
        : ["IPASS_WAREHOUSE_MAP_JSON", "IPASS_LOGISTICS_MAP_JSON"];
    return warn(
      id,
      `${set} is set without ${missing}: Lingxing takes warehouse and shipping method together or not at all`,
      `set ${missing} too, or take ${set} out of .env`,
    );
  }
  const without = warehouses.filter((code) => !routes.some((route) => route.startsWith(`${code}-`)));
  const lost = routes.filter((route) => !warehouses.some((code) => route.startsWith(`${code}-`)));
  const crossed = [...(warehouseMap ?? [])].flatMap(([code, wid]) => {
    const shown = stock?.warehouseMap.get(wid);
    return shown === undefined || shown === code ? [] : [`orders of ${code} leave from wid ${wid}, whose stock is shown as ${shown}`];
  });
  const found = [
    ...crossed,
    ...(without.length > 0 ? [`no shipping method for ${without.join(", ")} in IPASS_LOGISTICS_MAP_JSON`] : []),
    ...(lost.length > 0 ? [`${lost.join(", ")} in IPASS_LOGISTICS_MAP_JSON belong to no warehouse of IPASS_WAREHOUSE_MAP_JSON`] : []),
  ];
  if (found.length === 0) return pass(id, "the maps agree with one another");
  return warn(
    id,
    found.join("; "),
    "correct IPASS_WAREHOUSE_MAP_JSON, IPASS_LOGISTICS_MAP_JSON or IPASS_STOCK_WID_TO_DSCO_WAREHOUSE_CODE_JSON",
  );
}

/** Each job works on what the one before it has done. */
const BEFORE: Partial<Record<JobName, JobName>> = {
  push_orders_to_lingxing: "pull_dsco_orders",
  ack_to_dsco: "push_orders_to_lingxing",
  ship_to_dsco: "ack_to_dsco",
  invoice_to_dsco: "ship_to_dsco",
};

function judgeChain(jobs: Config["jobs"]): Finding {
  const id = "settings.jobs";
  const starved = (Object.entries(BEFORE) as [JobName, JobName][]).filter(([job, before]) => jobs[job].enabled && !jobs[before].enabled);
  if (starved.length === 0) return pass(id, "every job that is switched on is fed by the one before it");
  const switches = starved.map(([, before]) => `IPASS_JOB_${before.toUpperCase()}_ENABLE=true`);
  return warn(
    id,
    starved.map(([job, before]) => `${job} is on, but ${before}, which feeds it, is off`).join("; "),
    `set ${switches.join(" and ")}, or switch off what waits for it`,
  );
}

/** Push and ship read DSCO themselves where the last pull is too long ago. */
function judgeFreshness({ pull_dsco_orders: pull }: Config["jobs"], { orderMaxAgeSec }: Config["rules"]): Finding {
  const id = "settings.order_max_age";
  if (!pull.enabled || pull.intervalSec <= orderMaxAgeSec)
    return pass(id, `orders are pulled every ${pull.intervalSec} s and count as fresh for ${orderMaxAgeSec} s`);
  return warn(
    id,
    `orders are pulled every ${pull.intervalSec} s but count as fresh for ${orderMaxAgeSec} s only, so push and ship read DSCO again in every pass`,
    `set IPASS_ORDER_MAX_AGE_SEC to ${pull.intervalSec} or more, or pull more often`,
  );
}

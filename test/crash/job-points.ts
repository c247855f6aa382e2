import type { JobName } from "../../src/sync/job-name.ts";
import type { SceneName } from "./scenes.ts";

const RUN = ["run_dead.before", "run_dead.after", "run_open.before", "run_open.after"];
const END = ["run_close.before", "run_close.after"];
const TOKEN = ["token.before", "token.after"];
const DSCO_TOKEN = request("dsco.token");
const LINGXING_TOKEN = request("lingxing.token_issue");
const TAKE_OVER = ["take_over.before", "take_over.after"];
const OUTCOME = ["outcome.uncommitted", "outcome.committed"];
const CLAIM = ["claim.before", "claim.after"];
const REQUEST_ID = ["request_id.before", "request_id.after"];
const DOUBT = ["doubt.before", "doubt.after"];
const FEED = ["wake.before", "wake.after", "watermark.before", "watermark.after"];
const WAIT = ["wait.before", "wait.after"];
/** The history of a queued batch is written after its request id. */
const QUEUED = [...REQUEST_ID, "event.before", "event.after"];
const PAGE = ["page.uncommitted", "page.committed"];
const RENEW = ["renew.before", "renew.after"];

function request(endpoint: string): string[] {
  return ["leaving", "left", "answered"].map((moment) => `${endpoint}.${moment}`);
}

const report = (endpoint: string) => [...CLAIM, ...request(endpoint), ...QUEUED, ...DOUBT, ...OUTCOME];

/** Where each job can die: what it passes in its usual scene, and what more it passes in the others. */
export const JOB_POINTS: Readonly<Record<JobName, Readonly<Partial<Record<SceneName, readonly string[]>>>>> = {
  pull_dsco_orders: {
    usual: [
      ...RUN,
      ...DSCO_TOKEN,
      ...TOKEN,
      ...PAGE,
      ...["watermark.before", "watermark.after"],
      ...["order_count.before", "order_count.after"],
      ...END,
    ],
  },
  push_orders_to_lingxing: {
    usual: [
      ...RUN,
      ...TAKE_OVER,
      ...LINGXING_TOKEN,
      ...TOKEN,
      ...["cancel_rule.uncommitted", "cancel_rule.committed"],
      ...CLAIM,
      ...request("lingxing.order_create"),
      ...DOUBT,
      ...OUTCOME,
      ...END,
    ],
    named: ["snapshot_seen.before", "snapshot_seen.after"],
    stale: PAGE,
  },
  ack_to_dsco: {
    usual: [
      ...RUN,
      ...TAKE_OVER,
      ...DSCO_TOKEN,
      ...LINGXING_TOKEN,
      ...TOKEN,
      ...FEED,
      ...WAIT,
      ...report("dsco.order_acknowledge"),
      ...END,
    ],
    refused: RENEW,
  },
  ship_to_dsco: {
    usual: [...RUN, ...TAKE_OVER, ...DSCO_TOKEN, ...LINGXING_TOKEN, ...TOKEN, ...FEED, ...WAIT, ...report("dsco.order_shipment"), ...END],
    refused: RENEW,
    stale: PAGE,
  },
  invoice_to_dsco: {
    usual: [...RUN, ...TAKE_OVER, ...DSCO_TOKEN, ...TOKEN, ...report("dsco.invoice_batch"), ...END],
    refused: RENEW,
  },
  sync_stock: {
    usual: [
      ...RUN,
      ...TAKE_OVER,
      ...DSCO_TOKEN,
      ...LINGXING_TOKEN,
      ...TOKEN,
      ...["give_up.uncommitted", "give_up.committed"],
      ...["forget.uncommitted", "forget.committed"],
      ...["task.before", "task.after"],
      ...["claim.uncommitted", "claim.committed"],
      ...request("dsco.inventory_batch"),
      ...REQUEST_ID,
      ...DOUBT,
      ...OUTCOME,
      ...END,
    ],
    refused: RENEW,
    "turned away": ["put_back.uncommitted", "put_back.committed"],
  },
};

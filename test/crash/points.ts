/**
 * What a statement is for, by the shape of its SQL. A write that fits none cannot be killed at: the crash build refuses to run it, so that
 * whoever adds one names it here.
 */
const STATEMENTS: readonly (readonly [name: string, sql: RegExp])[] = [
  ["run_open", /^INSERT INTO job_run\b/],
  ["run_dead", /^UPDATE job_run SET ended_at = \?, exit_name = 'died'/],
  ["run_close", /^UPDATE job_run SET ended_at = \?, exit_code = \?/],
  ["token", /^INSERT INTO api_token\b/],
  ["watermark", /^(UPDATE|INSERT INTO) job_watermark\b/],
  ["order_count", /^INSERT INTO order_count\b/],

  ["page", /^INSERT INTO sync_order_state\b/],
  ["snapshot", /^INSERT INTO dsco_order_raw\b/],
  ["snapshot_seen", /^UPDATE dsco_order_raw SET fetched_at/],
  ["fingerprint", /^UPDATE sync_order_state SET fingerprint\b/],
  ["cancel_rule", /^UPDATE sync_order_state SET cancel_applied\b/],
  ["hold", /^UPDATE sync_order_state SET ship_status = 3\b/],
  ["release", /^UPDATE sync_order_state SET \w+_status = 0\b/],
  ["event", /^INSERT INTO order_event\b/],
  ["task", /^(INSERT INTO|UPDATE) manual_task\b/],

  ["claim", /^UPDATE \(SELECT .* SET s\.\w+_status = 9\b/s],
  ["request_id", /^UPDATE sync_order_state SET \w+_request_id\b/],
  ["renew", /^UPDATE sync_order_state SET \w+_sent_at\b/],
  ["take_over", /^UPDATE sync_order_state SET \w+_run_id\b/],
  ["doubt", /^UPDATE sync_order_state SET \w+_doubts\b/],
  ["outcome", /^UPDATE sync_order_state s JOIN .* s\.\w+_status = c\.status\b/s],
  ["wait", /^UPDATE sync_order_state s JOIN .* SET s\.\w+_waits_for = c\.waits_for\b/s],
  ["wake", /^UPDATE sync_order_state SET \w+_next_attempt_at = NULL\b/],

  ["claim", /^INSERT INTO stock_level \(dsco_sku, warehouse_code, status, sent_quantity\b/],
  ["put_back", /^INSERT INTO stock_level \(dsco_sku, warehouse_code, status, confirmed_quantity\b/],
  ["put_back", /^DELETE FROM stock_level WHERE dsco_sku IN \(\?\) AND status = 9\b/],
  ["request_id", /^UPDATE stock_level SET request_id\b/],
  ["renew", /^UPDATE stock_level SET sent_at\b/],
  ["take_over", /^UPDATE stock_level SET run_id\b/],
  ["doubt", /^UPDATE stock_level SET error\b/],
  ["outcome", /^UPDATE stock_level SET status = [12]\b/],
  ["give_up", /^UPDATE stock_level SET status = 0\b/],
  ["forget", /^DELETE FROM stock_level WHERE dsco_sku IN \(\?\) AND/],
];

export const STATEMENT_NAMES: readonly string[] = [...new Set(STATEMENTS.map(([name]) => name))];

/** @throws for a statement that has no name yet */
export function nameOf(sql: string): string {
  const found = STATEMENTS.find(([, shape]) => shape.test(sql));
  if (found === undefined) throw new Error(`give this statement a name in test/crash/points.ts: ${sql.slice(0, 200)}`);
  return found[0];
}

/** A transaction is named after the first thing it does; a page that changes nothing of an order may still keep its text. */
export function nameOfTransaction(statements: readonly string[]): string | undefined {
  return statements.includes("page") || statements.includes("snapshot") ? "page" : statements[0];
}

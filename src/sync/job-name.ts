/** The jobs by their contract names, in the order an order passes through them. */
export const JOB_NAMES = [
  "pull_dsco_orders",
  "push_orders_to_lingxing",
  "ack_to_dsco",
  "ship_to_dsco",
  "invoice_to_dsco",
  "sync_stock",
] as const;

export type JobName = (typeof JOB_NAMES)[number];

export function isJobName(text: string): text is JobName {
  return (JOB_NAMES as readonly string[]).includes(text);
}

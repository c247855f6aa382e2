import { html, raw } from "hono/html";
import type { OrderStateRow } from "../../store/order-query.ts";
import { shellWord } from "../../sync/shell-word.ts";
import { STAGE_STATUS, STAGES, type Stage, type StageStatus } from "../../sync/stage.ts";
import { reasonAndSend, sameInShell, tick } from "./action-form.ts";
import type { Frame } from "./frame.ts";
import { href } from "./links.ts";
import type { Content, Html } from "./markup.ts";
import { pager } from "./pager.ts";
import { relativeTime } from "./reader.ts";
import { track } from "./state.ts";
import { type Column, table } from "./table.ts";

export interface OrderList {
  readonly items: readonly OrderStateRow[];
  readonly total: number;
}

const STATUSES = [STAGE_STATUS.manual, STAGE_STATUS.failed, STAGE_STATUS.inFlight, STAGE_STATUS.waiting] as const;
/** In a list the beginning of a reason tells it from others; the order's own page has all of it. */
const REASON_LETTERS = 160;

/** Orders by the stage they stand at and its status: those that were counted on the overview. */
export function orderList({ items, total }: OrderList, frame: Frame): Html {
  const { words, place } = frame;
  const { orders: w } = words;
  const rows = items.length === 0 ? html`<p class="empty">${w.none}</p>` : requeueable(items, frame);
  return html`<div class="head"><h1>${orderListTitle(frame)} <span class="amount">${words.number(total)}</span></h1>
<form class="filter" method="get" action="/">
<input type="hidden" name="view" value="orders">
${select(
  "stage",
  w.standing,
  w.anyStage,
  STAGES.map((stage) => [stage, words.stage[stage]]),
  place.stage,
)}
${select(
  "status",
  w.status,
  w.anyStatus,
  STATUSES.map((status) => [String(status), words.stageStatus[status]]),
  place.status,
)}
<button class="plain">${w.show}</button>
</form></div>
${rows}
${pager({ shown: items.length, total }, frame)}`;
}

export function orderListTitle({ words, place: { stage, status } }: Pick<Frame, "words" | "place">): string {
  const { orders: w } = words;
  if (stage === undefined) return w.all;
  return status === undefined ? w.at(words.stage[stage]) : w.atStatus(words.stage[stage], words.stageStatus[status]);
}

/** A choice of a filter; without JavaScript it takes effect with the button behind it. */
export function select(
  name: string,
  label: string,
  any: string,
  options: readonly (readonly [value: string, text: string])[],
  chosen: string | number | undefined,
): Html {
  const lines = options.map(
    ([value, text]) => html`<option value="${value}"${value === String(chosen) ? raw(" selected") : ""}>${text}</option>`,
  );
  return html`<label>${label} <select name="${name}">${any === "" ? "" : html`<option value="">${any}</option>`}${lines}</select></label>`;
}

/** Where all of them stand at a stage and status that may be requeued, they can be ticked. */
function requeueable(items: readonly OrderStateRow[], frame: Frame): Html {
  const { stage, status } = frame.place;
  if (stage === undefined || (status !== STAGE_STATUS.failed && status !== STAGE_STATUS.manual)) return orderTable(items, frame);
  const { action: w } = frame.words;
  const ticks: Column<OrderStateRow> = {
    head: w.selectColumn,
    kind: "tick",
    cell: ({ dsco_order_id: id }) => tick("id", id, w.select(id), frame.place.all === 1),
  };
  const [first] = items;
  const sample = items.length === 1 && first !== undefined ? shellWord(first.dsco_order_id) : "<dscoOrderId>…";
  return html`<form method="post" action="/ui/requeue">
<input type="hidden" name="stage" value="${stage}">
${selectAll(frame)}
${orderTable(items, frame, ticks)}
<div class="acts"><p class="faint">${w.requeueHint}</p>${reasonAndSend(w.requeueSelected, frame)}
${sameInShell(`ipass order-state requeue ${sample} --stage ${stage} --reason "…"`, frame)}</div>
</form>`;
}

export function selectAll({ place, words: { action: w } }: Frame): Html {
  const { all, ...without } = place;
  return html`<p class="select-all"><a href="${href(all === undefined ? { ...place, all: 1 } : without)}">${all === undefined ? w.selectAll : w.selectNone}</a></p>`;
}

function orderTable(rows: readonly OrderStateRow[], frame: Frame, ticks?: Column<OrderStateRow>): Html {
  const { orders: w } = frame.words;
  const errors = rows.some(({ last_error }) => last_error !== null);
  return table({
    caption: w.title,
    rows,
    named: ticks === undefined ? 0 : 1,
    columns: [
      ...(ticks === undefined ? [] : [ticks]),
      { head: w.order, kind: "id", cell: orderCell },
      { head: w.dsco, cell: ({ dsco_status }) => html`<code>${dsco_status}</code>` },
      { head: w.progress, cell: (row) => track(statusesOf(row), frame.words) },
      { head: w.next, ...(errors ? {} : { kind: "wide" }), cell: (row) => next(row, frame) },
      ...(errors ? [{ head: w.why, kind: "wide", cell: (row: OrderStateRow) => why(row, frame) } as const] : []),
      { head: w.changed, cell: ({ updated_at }) => relativeTime(updated_at, frame) },
    ],
  });
}

function orderCell({ dsco_order_id, po_number }: OrderStateRow): Content {
  return html`<a href="${href({ order: dsco_order_id })}">${dsco_order_id}</a>${po_number === null ? "" : html`<span class="below">${po_number}</span>`}`;
}

function why({ last_error, retry_count }: OrderStateRow, { words }: Frame): Content {
  if (last_error === null) return "";
  const letters = Array.from(words.recorded(last_error) ?? last_error);
  return html`${letters.length <= REASON_LETTERS ? letters.join("") : `${letters.slice(0, REASON_LETTERS).join("")}…`}${retry_count === 0 ? "" : html`<span class="below">${words.orders.retries(retry_count)}</span>`}`;
}

/** When its stage is looked at or tried again. */
function next(row: OrderStateRow, frame: Frame): Content {
  const stage = STAGES.find((name) => row[`${name}_status`] !== STAGE_STATUS.done && row[`${name}_status`] !== STAGE_STATUS.notNeeded);
  if (stage === undefined || row[`${stage}_status`] === STAGE_STATUS.manual) return "";
  const at = row[`${stage}_next_attempt_at`];
  return at !== null && at > frame.now ? relativeTime(at, frame) : frame.words.order.dueNow;
}

export function statusesOf(row: OrderStateRow): Readonly<Record<Stage, StageStatus>> {
  return { push: row.push_status, ack: row.ack_status, ship: row.ship_status, invoice: row.invoice_status };
}

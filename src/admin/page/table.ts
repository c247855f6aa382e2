import { html } from "hono/html";
import type { Content, Html } from "./markup.ts";

export interface Column<Row> {
  readonly head: string;
  readonly cell: (row: Row) => Content;
  /** Numbers stand on the right; ids are set in equal widths; a wide column takes what room is left, two halves share it. */
  readonly kind?: "number" | "id" | "wide" | "half" | "tick";
}

export interface Table<Row> {
  /** What the table holds, for those who do not see the heading above it. */
  readonly caption: string;
  /** The first names the row, unless `named` is another one. */
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly named?: number;
}

/**
 * A table that becomes a list of cards on a narrow screen. The roles say again what the elements are: laid out as blocks, browsers
 * forget it.
 */
export function table<Row>({ caption, columns, rows, named = 0 }: Table<Row>): Html {
  const kind = (column: Column<Row>) => column.kind ?? "text";
  const heads = columns.map((column) => html`<th role="columnheader" scope="col" class="${kind(column)}">${headText(column)}</th>`);
  const lines = rows.map((row) => {
    const cells = columns.map((column, index) => {
      const content = column.cell(row);
      const isEmpty = content === "" || content === null || content === undefined || content === false;
      const classes = isEmpty ? `${kind(column)} blank` : kind(column);
      return index === named
        ? html`<th role="rowheader" scope="row" class="${classes}">${content}</th>`
        : html`<td role="cell" class="${classes}" data-label="${column.head}">${content}</td>`;
    });
    return html`<tr role="row">${cells}</tr>`;
  });
  return html`<table role="table">
<caption class="unseen">${caption}</caption>
<thead role="rowgroup"><tr role="row">${heads}</tr></thead>
<tbody role="rowgroup">${lines}</tbody>
</table>`;
}

function headText<Row>({ head, kind }: Column<Row>): Content {
  return kind === "tick" ? html`<span class="unseen">${head}</span>` : head;
}

import type { HtmlEscapedString } from "hono/utils/html";

/** What the `html` tag makes: text put into it is escaped, markup of its own is not. */
export type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

/** What may stand in a cell or a line. */
export type Content = Html | string | number | false | null | undefined | readonly Content[];

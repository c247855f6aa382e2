import { InDoubtError, OutageError, RefusedError } from "../errors.ts";
import type { HttpClient } from "../http/client.ts";
import type { HttpDeps } from "../http/deps.ts";
import type { Endpoint } from "../http/endpoint.ts";
import { sliceArray } from "../http/json-slices.ts";
import { LogPage } from "./schemas.ts";
import { DSCO_OUTAGE_STEP } from "./vendor.ts";

/** Readings of a log that loses pages, before DSCO counts as out. */
const READINGS = 4;

/** The entries of one request, or those processed from `since` (inclusive) to `until` (exclusive). */
export type LogQuery = { readonly requestId: string } | { readonly since: Date; readonly until: Date };

export interface LogReading<Entry> {
  /** The whole request is processed; always false when asked by time. */
  readonly completed: boolean;
  readonly entries: readonly Entry[];
}

/** Reads one of DSCO's change logs to its end. */
export class LogReader {
  readonly #http: HttpClient;
  readonly #log: HttpDeps["log"];

  constructor(http: HttpClient, log: HttpDeps["log"]) {
    this.#http = http;
    this.#log = log;
  }

  /** All pages; `pick` makes an entry of its text, or nothing where it is of no interest. @throws as HttpClient.call. */
  async read<Entry>(endpoint: Endpoint, by: LogQuery, pick: (text: string) => Entry | undefined): Promise<LogReading<Entry>> {
    for (let reading = 1; reading <= READINGS; reading++) {
      const found = await this.#readPages(endpoint, by, pick);
      if (found !== undefined) return found;
      this.#log.debug("dsco_log_restarted", { endpoint: endpoint.name, reading });
    }
    throw new OutageError("vendor", `${endpoint.name}: lost a page ${READINGS} times in a row`, DSCO_OUTAGE_STEP);
  }

  /** Undefined when a page was lost: the cursor at DSCO has moved past it, so that only a new scroll shows it again. */
  async #readPages<Entry>(
    endpoint: Endpoint,
    by: LogQuery,
    pick: (text: string) => Entry | undefined,
  ): Promise<LogReading<Entry> | undefined> {
    let page: LogPage | undefined = await this.#firstPage(endpoint, by);
    // What the first page says of the request counts: when it was complete then, so are the pages.
    const completed = "requestId" in by && page?.rest.status?.toUpperCase() === "COMPLETED";
    const entries: Entry[] = [];
    while (page !== undefined && page.slices.length > 0) {
      for (const text of page.slices) {
        const entry = pick(text);
        if (entry !== undefined) entries.push(entry);
      }
      const { scrollId }: LogPage["rest"] = page.rest;
      if (!scrollId) break;
      try {
        page = await this.#page(endpoint, { scrollId }, false);
      } catch (error) {
        if (error instanceof InDoubtError || isNotFound(error)) return undefined;
        throw error;
      }
    }
    return { completed, entries };
  }

  /** Undefined for a request the log does not know (yet). */
  async #firstPage(endpoint: Endpoint, by: LogQuery): Promise<LogPage | undefined> {
    if (!("requestId" in by)) {
      return this.#page(endpoint, { startDate: by.since.toISOString(), endDate: by.until.toISOString() }, true);
    }
    try {
      return await this.#page(endpoint, { requestId: by.requestId }, true);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  async #page(endpoint: Endpoint, query: Record<string, string>, repeatable: boolean): Promise<LogPage> {
    const parse = (text: string) => sliceArray(text, "logs");
    return (await this.#http.call(endpoint, { query }, LogPage, { repeatable, parse })).data;
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof RefusedError && error.code === "404";
}

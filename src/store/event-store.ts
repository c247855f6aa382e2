import type { Stage } from "../sync/stage.ts";
import { type Db, jsonText, placeholders, write } from "./db.ts";

export interface OrderEvent {
  readonly dscoOrderId: string;
  readonly stage: Stage | undefined;
  readonly event: string;
  readonly requestId?: string | undefined;
  /** Facts only: no names, addresses or other personal data. */
  readonly detail?: Readonly<Record<string, unknown>>;
}

export interface EventSource {
  readonly runId: string | undefined;
  readonly traceId: string;
  /** The person, where a person acted. */
  readonly actor?: string;
}

/** What happened to each order, append-only: the source of `ipass explain`. */
export class EventStore {
  readonly #db: Db;
  constructor(db: Db) {
    this.#db = db;
  }

  async add(events: readonly OrderEvent[], source: EventSource, at: Date): Promise<void> {
    if (events.length === 0) return;
    await write(
      this.#db,
      `INSERT INTO order_event (dsco_order_id, at, job_run_id, trace_id, stage, event, request_id, detail, actor) VALUES ${placeholders(events.length, 9)}`,
      events.flatMap(({ dscoOrderId, stage, event, requestId, detail }) => [
        dscoOrderId,
        at,
        source.runId ?? null,
        source.traceId,
        stage ?? null,
        event,
        requestId ?? null,
        detail === undefined || Object.keys(detail).length === 0 ? null : jsonText(detail),
        source.actor ?? null,
      ]),
    );
  }
}

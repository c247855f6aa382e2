import type { JobName } from "../../sync/job-name.ts";
import type { Stage, StageStatus, TaskStatus, TaskType } from "../../sync/stage.ts";

/** How many rows a page of a list has. */
export const PAGE_SIZE = 50;

/** Where the page's views are: all at `/`, told apart by the query. */
export interface Place {
  readonly view?: "orders" | "tasks" | "runs";
  readonly order?: string;
  readonly q?: string;
  /** Orders: the stage they stand at, and its status. */
  readonly stage?: Stage;
  readonly status?: StageStatus;
  /** Tasks. */
  readonly type?: TaskType;
  readonly task_status?: TaskStatus;
  /** Runs. */
  readonly job?: JobName;
  readonly offset?: number;
  /** Rows come ticked. */
  readonly all?: 1;
  readonly lang?: string;
  readonly refresh?: 1;
}

export function href(place: Place): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(place)) {
    if (value !== undefined && !(name === "offset" && value === 0)) query.set(name, String(value));
  }
  const text = query.toString();
  return text === "" ? "/" : `/?${text}`;
}

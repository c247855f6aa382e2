/** fail: something does not work, or orders would go wrong. warn: it works, but not as it should, or could not be looked at. */
export const STATUSES = ["fail", "warn", "pass"] as const;
export type Status = (typeof STATUSES)[number];

/** What to do, and where it can be said in one: what to paste. */
export interface Remedy {
  readonly text: string;
  /** For a shell, or SQL for an administrator of the database. */
  readonly command?: string;
}

/** What a check came to. Ids are kept stable: scripts look for them. */
export interface Finding {
  readonly id: string;
  readonly status: Status;
  readonly found: string;
  /** What passes needs none. */
  readonly remedy?: Remedy;
}

export function pass(id: string, found: string): Finding {
  return { id, status: "pass", found };
}

export function warn(id: string, found: string, text: string, command?: string): Finding {
  return { id, status: "warn", found, remedy: remedyOf(text, command) };
}

export function fail(id: string, found: string, text: string, command?: string): Finding {
  return { id, status: "fail", found, remedy: remedyOf(text, command) };
}

/** It could not be looked at: nothing is known, which is not well but proves nothing either. */
export function notChecked(id: string, because: string, text: string, command?: string): Finding {
  return warn(id, `not checked: ${because}`, text, command);
}

function remedyOf(text: string, command: string | undefined): Remedy {
  return command === undefined ? { text } : { text, command };
}

/** As one line, for JSON. */
export function nextStep({ text, command }: Remedy): string {
  return command === undefined ? text : `${text}: ${command}`;
}

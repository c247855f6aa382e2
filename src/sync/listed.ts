/** As many as a person reads: an order of a thousand broken lines must fit the columns that tell of it. */
export const NAMED = 20;

/** `a, b, c`, cut short. */
export function listed(all: readonly string[]): string {
  const rest = all.length > NAMED ? `, and ${all.length - NAMED} more` : "";
  return `${all.slice(0, NAMED).join(", ")}${rest}`;
}

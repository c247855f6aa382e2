import { createHash } from "node:crypto";

/** Short enough for all fields to fit one column, long enough to notice a change: it guards nothing against forgery. */
const HASH_LENGTH = 10;

/**
 * A short hash per field, so that a later change can be named without keeping what was sent: `city=1f3a…;lines=…`.
 * Names must not contain `=` or `;`.
 */
export function fingerprintOf(fields: Readonly<Record<string, string>>): string {
  return Object.keys(fields)
    .sort()
    .map(
      (name) =>
        `${name}=${createHash("sha256")
          .update(fields[name] ?? "")
          .digest("hex")
          .slice(0, HASH_LENGTH)}`,
    )
    .join(";");
}

/** The names of the fields that differ between two fingerprints. */
export function changedFields(before: string, after: string): string[] {
  const old = toMap(before);
  const now = toMap(after);
  return [...new Set([...old.keys(), ...now.keys()])].filter((name) => old.get(name) !== now.get(name)).sort();
}

function toMap(fingerprint: string): Map<string, string> {
  return new Map(
    fingerprint
      .split(";")
      .filter((part) => part !== "")
      .map((part) => {
        const at = part.indexOf("=");
        return [part.slice(0, at), part.slice(at + 1)];
      }),
  );
}

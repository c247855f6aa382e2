import { isPersonalKey } from "../personal-data.ts";

const MOST = 3;
const MOST_CHARS = 200;

/**
 * What DSCO says in `messages[]` or `results[]`: each one's code with its description, which may be a text, a list of texts or an object.
 * Where some are errors, only those. Not redacted yet.
 */
export function messagesText(messages: unknown): string {
  const all = Array.isArray(messages) ? messages : [];
  const errors = all.filter((message) => isObject(message) && message.severity === "error");
  return (errors.length > 0 ? errors : all).slice(0, MOST).map(messageText).filter(Boolean).join("; ");
}

function messageText(message: unknown): string {
  if (!isObject(message)) return scalarText(message);
  return [scalarText(message.code), descriptionText(message.description)].filter(Boolean).join(" ");
}

function descriptionText(description: unknown): string {
  if (Array.isArray(description)) return description.slice(0, MOST).map(scalarText).filter(Boolean).join(" ");
  if (!isObject(description)) return scalarText(description);
  const members = Object.entries(description).filter(([name, value]) => !isPersonalKey(name) && scalarText(value) !== "");
  return members
    .map(([name, value]) => `${name} ${scalarText(value)}`)
    .join(", ")
    .slice(0, MOST_CHARS);
}

/** A text or a number, cut; anything else says nothing. */
export function scalarText(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value).slice(0, MOST_CHARS) : "";
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

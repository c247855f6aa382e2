/**
 * A body as Lingxing can check its signature: the server serialises what it received and compares, so nothing may be in it that two
 * serialisers write differently. Nested null, undefined, "" and {} are left out, and texts lose control characters, line separators and lone
 * surrogates. Key order stays as given. Body text and signature are both made from the result.
 */
export function canonicalBody(body: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return canonicalObject(body) ?? {};
}

function canonicalObject(value: object): Record<string, unknown> | undefined {
  const kept = Object.entries(value)
    .map(([name, member]) => [name, canonical(member)] as const)
    .filter(([, member]) => member !== undefined);
  return kept.length > 0 ? Object.fromEntries(kept) : undefined;
}

function canonical(value: unknown): unknown {
  if (typeof value === "string") return cleanText(value) || undefined;
  if (Array.isArray(value)) return value.map(canonical).filter((member) => member !== undefined);
  if (typeof value === "object" && value !== null) return canonicalObject(value);
  return value ?? undefined;
}

function cleanText(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ").replace(/\p{Cs}/gu, "\uFFFD"); // in Unicode mode Cs matches only unpaired ones
}

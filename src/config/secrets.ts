import { MASK } from "../personal-data.ts";
import type { Config } from "./env.ts";

/** Every value in the configuration that must never be seen outside: what the redactor is told first. */
export function secretsOf(config: Partial<Config>): string[] {
  const { database, admin, dsco, lingxing } = config;
  const secrets: (string | undefined)[] = [database?.password, admin?.token];
  if (dsco) secrets.push(dsco.auth.kind === "token" ? dsco.auth.token : dsco.auth.clientSecret);
  if (lingxing) secrets.push(lingxing.auth.kind === "token" ? lingxing.auth.accessToken : lingxing.auth.appSecret);
  return secrets.filter((secret) => secret !== undefined);
}

const SHORTEST_LIKELY_SECRET = 16;
/** As Lingxing's access tokens look. */
const UUID = /^\w{8}(?:-\w{4}){3}-\w{12}$/;

/**
 * A setting as it may be shown. A secret that was put into the wrong variable is a secret still, and nobody knows it to be one: hidden are
 * passwords of addresses, and long unbroken words of letters and digits.
 */
export function withoutLikelySecrets(text: string): string {
  return text
    .replace(/\/\/\S*@/g, `//${MASK}@`)
    .replace(/(?<![^\s"'])[^\s"'/:@]+:(?!\/\/)\S*@/g, `${MASK}@`) // user:password@tcp(…), as Go writes it
    .replace(/[^\s"'{}[\](),;:@?&<>]+/g, (word) => (isLikelySecret(word) ? MASK : word));
}

/** Ids are digits only or in capitals, mostly; SKUs are short words between dashes, and a fault in a map of them has to name them. */
function isLikelySecret(word: string): boolean {
  const isPath = /^(\.{0,2}|~)\/[\w./-]*$/.test(word);
  if (isPath) return false;
  return UUID.test(word) || word.split("-").some((part) => part.length >= SHORTEST_LIKELY_SECRET && /[a-z]/.test(part) && /\d/.test(part));
}

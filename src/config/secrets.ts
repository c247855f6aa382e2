import type { Config } from "./env.ts";

/** Every value in the configuration that must never be seen outside: what the redactor is told first. */
export function secretsOf(config: Partial<Config>): string[] {
  const { database, admin, dsco, lingxing } = config;
  const secrets: (string | undefined)[] = [database?.password, admin?.token];
  if (dsco) secrets.push(dsco.auth.kind === "token" ? dsco.auth.token : dsco.auth.clientSecret);
  if (lingxing) secrets.push(lingxing.auth.kind === "token" ? lingxing.auth.accessToken : lingxing.auth.appSecret);
  return secrets.filter((secret) => secret !== undefined);
}

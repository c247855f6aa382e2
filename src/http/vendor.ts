import type { Endpoint } from "./endpoint.ts";
import type { Outgoing } from "./outgoing.ts";
import type { RawAnswer, Verdict } from "./verdict.ts";

/** What differs between vendors: how a request is authenticated and what an answer means. */
export interface Vendor {
  readonly baseUrl: string;
  /** For an operator whose credentials were refused. */
  readonly credentialsStep: string;
  /** For an operator while the vendor is out. */
  readonly outageStep: string;
  /** Before the endpoint's name in a shared lock: the vendor counts per account. */
  readonly lockScope?: string;
  /** A usable token, fetched or renewed if need be; undefined where none is used. */
  token(): Promise<string | undefined>;
  /** Authenticates one attempt, just before it leaves: signatures age. */
  prepare(attempt: Outgoing, token: string | undefined): void;
  inspect(answer: RawAnswer, endpoint: Endpoint): Verdict;
  /** Replaces the token the vendor has refused; false when there is no way to. */
  renew(refused: string | undefined): Promise<boolean>;
}

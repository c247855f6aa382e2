import { IpassError } from "../errors.ts";
import type { ExitName } from "../exit-codes.ts";

/** A request that cannot be answered as asked; `status` is HTTP's word for why, message and next step are ours. */
export class RefusedRequestError extends IpassError {
  readonly status: 400 | 401 | 403 | 404 | 408 | 413 | 503;
  readonly exit: ExitName;
  readonly nextStep: string;
  constructor(status: RefusedRequestError["status"], message: string, nextStep: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
    this.exit = status === 401 || status === 403 || status === 503 ? "refused" : "usage";
    this.nextStep = nextStep;
  }
}

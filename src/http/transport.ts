import { failpoint } from "../failpoint.ts";
import type { Outgoing } from "./outgoing.ts";
import type { RawAnswer } from "./verdict.ts";

/** Loaded at the first call: most passes find nothing to do and should not pay for a client. */
let loading: Promise<typeof import("ofetch")> | undefined;

/**
 * Sends one attempt and reads the whole answer as text, within the endpoint's time limit. ofetch neither retries nor follows a redirect nor
 * judges the status here, all of which it would do by itself.
 * @throws whatever fetch threw, with URL and headers inside: for `transportProblem` only, never for a log.
 */
export async function send(baseUrl: string, attempt: Outgoing, cutBy: AbortSignal | undefined): Promise<RawAnswer> {
  loading ??= import("ofetch");
  const { ofetch } = await loading;
  const url = new URL(baseUrl.replace(/\/+$/, "") + attempt.endpoint.path);
  url.search = attempt.query.toString();

  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(new DOMException("time limit", "TimeoutError")), attempt.endpoint.timeoutMs);
  const onCut = () => abort.abort(cutBy?.reason);
  cutBy?.addEventListener("abort", onCut, { once: true });
  if (cutBy?.aborted) onCut();
  failpoint("request.leaving", attempt);
  try {
    const response = await ofetch.raw<string, "text">(url.href, {
      method: attempt.endpoint.method,
      headers: attempt.headers,
      ...(attempt.body !== undefined && { body: attempt.body }),
      responseType: "text",
      retry: false,
      redirect: "manual",
      ignoreResponseError: true,
      signal: abort.signal,
    });
    failpoint("request.answered", attempt);
    return { status: response.status, headers: response.headers, text: response._data ?? "" };
  } finally {
    clearTimeout(timer);
    cutBy?.removeEventListener("abort", onCut);
  }
}

import { stringify } from "lossless-json";
import { RefusedError } from "../errors.ts";
import type { Endpoint } from "./endpoint.ts";

export type QueryValue = string | number | boolean | readonly string[] | undefined;

/** What a caller wants sent; at most one of body, form and multipart. */
export interface CallRequest {
  /** A list is written as repeated parameters; undefined is left out. */
  readonly query?: Readonly<Record<string, QueryValue>>;
  /** Sent as JSON text; bigints keep their digits. */
  readonly body?: unknown;
  /** Sent as application/x-www-form-urlencoded. */
  readonly form?: Readonly<Record<string, string>>;
  /** Sent as multipart/form-data. */
  readonly multipart?: Readonly<Record<string, string>>;
}

/** One attempt, made anew for each try: `prepare` adds what authenticates it. */
export interface Outgoing {
  readonly endpoint: Endpoint;
  /** The body before it became text: signed by those who sign. */
  readonly json: unknown;
  readonly body: string | FormData | undefined;
  readonly query: URLSearchParams;
  readonly headers: Headers;
  /** Never to appear in a message, should the vendor echo one. */
  readonly secrets: string[];
}

/**
 * The JSON body, serialised once for all tries.
 * @throws RefusedError (413) for more than the endpoint takes, as the vendor would answer: a batch is halved and goes in parts.
 */
export function bodyText({ name, maxBodyBytes }: Endpoint, { body }: CallRequest): string | undefined {
  const text = body === undefined ? undefined : stringify(body);
  const bytes = text === undefined ? 0 : Buffer.byteLength(text);
  if (bytes > (maxBodyBytes ?? Number.POSITIVE_INFINITY)) {
    throw new RefusedError(`${name}: a body of ${bytes} bytes, at most ${maxBodyBytes} are taken`, "413");
  }
  return text;
}

/** The attempt before authentication; `text` is the JSON body. */
export function outgoing(endpoint: Endpoint, request: CallRequest, text: string | undefined): Outgoing {
  const headers = new Headers({ accept: "application/json" });
  return { endpoint, json: request.body, body: bodyOf(request, text, headers), query: queryOf(request.query ?? {}), headers, secrets: [] };
}

function bodyOf({ form, multipart }: CallRequest, text: string | undefined, headers: Headers): string | FormData | undefined {
  if (multipart !== undefined) {
    const data = new FormData(); // fetch sets the content type, with the boundary
    for (const [name, value] of Object.entries(multipart)) data.append(name, value);
    return data;
  }
  headers.set("content-type", form === undefined ? "application/json" : "application/x-www-form-urlencoded");
  return form === undefined ? text : new URLSearchParams(form).toString();
}

function queryOf(query: Readonly<Record<string, QueryValue>>): URLSearchParams {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined) params.append(name, String(one));
    }
  }
  return params;
}

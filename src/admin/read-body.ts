import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { RefusedRequestError } from "./refusal.ts";
import { withinTime } from "./time-limit.ts";

export const MAX_BODY_BYTES = 1024 * 1024;
/** How long we listen to the rest of a body that is refused. */
const LINGER_MS = 1_000;

/** The whole body as text. @throws RefusedRequestError when it is too large (413), or cut off or too slow (408) */
export async function readBody(request: Request, timeoutMs: number): Promise<string> {
  if (Number(request.headers.get("content-length") ?? 0) > MAX_BODY_BYTES) throw tooLarge();
  if (request.body === null) return "";
  try {
    return await withinTime(timeoutMs, readAll(request.body.getReader()), () => new Error(`it took longer than ${timeoutMs / 1000} s`));
  } catch (error) {
    if (error instanceof RefusedRequestError) throw error;
    throw new RefusedRequestError(408, "the body did not arrive whole", "send it again", { cause: error });
  }
}

/**
 * Lets a client that is refused send what it is about to send, a moment long: a connection that is closed while something of it is
 * unread is reset, and the answer is lost on its way. Not for a body somebody has begun to read.
 */
export async function hearOut(incoming: IncomingMessage): Promise<void> {
  if (incoming.complete || incoming.readableFlowing !== null) return;
  incoming.resume();
  await forAMoment(once(incoming, "end"));
}

async function readAll(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for (let size = 0; size <= MAX_BODY_BYTES; ) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(chunks).toString("utf8");
    chunks.push(value);
    size += value.length;
  }
  await forAMoment(readAway(reader));
  throw tooLarge();
}

async function readAway(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  while (!(await reader.read()).done);
}

async function forAMoment(work: Promise<unknown>): Promise<void> {
  try {
    await withinTime(LINGER_MS, work, () => new Error("it sends on"));
  } catch {
    // It sends on, or has broken off: either way it has had its chance to hear us.
  }
}

function tooLarge(): RefusedRequestError {
  return new RefusedRequestError(413, `the body is larger than ${MAX_BODY_BYTES} bytes`, "send less");
}

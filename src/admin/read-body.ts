import { RefusedRequestError } from "./refusal.ts";
import { withinTime } from "./time-limit.ts";

export const MAX_BODY_BYTES = 1024 * 1024;

/** The whole body as text. @throws RefusedRequestError when it is too large (413), or cut off or too slow (408) */
export async function readBody(request: Request, timeoutMs: number): Promise<string> {
  if (Number(request.headers.get("content-length") ?? 0) > MAX_BODY_BYTES) throw tooLarge();
  if (request.body === null) return "";
  try {
    return await withinTime(timeoutMs, readAll(request.body), () => new Error(`it took longer than ${timeoutMs / 1000} s`));
  } catch (error) {
    if (error instanceof RefusedRequestError) throw error;
    throw new RefusedRequestError(408, "the body did not arrive whole", "send it again", { cause: error });
  }
}

async function readAll(body: ReadableStream<Uint8Array>): Promise<string> {
  const reader = body.getReader(); // not `for await`: breaking off would cut the connection under the answer
  const chunks: Uint8Array[] = [];
  for (let size = 0; size <= MAX_BODY_BYTES; ) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(chunks).toString("utf8");
    chunks.push(value);
    size += value.length;
  }
  throw tooLarge();
}

function tooLarge(): RefusedRequestError {
  return new RefusedRequestError(413, `the body is larger than ${MAX_BODY_BYTES} bytes`, "send less");
}

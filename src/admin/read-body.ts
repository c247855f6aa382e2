import { RefusedRequestError } from "./refusal.ts";

export const MAX_BODY_BYTES = 1024 * 1024;

/** The whole body as text. @throws RefusedRequestError when it is too large (413), or cut off or too slow (408) */
export async function readBody(request: Request, timeoutMs: number): Promise<string> {
  if (Number(request.headers.get("content-length") ?? 0) > MAX_BODY_BYTES) throw tooLarge();
  if (request.body === null) return "";
  const reader = request.body.getReader();
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it took longer than ${timeoutMs / 1000} s`)), timeoutMs);
  });
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await Promise.race([reader.read(), tooLate]);
      if (done) return Buffer.concat(chunks).toString("utf8");
      chunks.push(value);
      size += value.length;
      if (size > MAX_BODY_BYTES) throw tooLarge();
    }
  } catch (error) {
    if (error instanceof RefusedRequestError) throw error;
    throw new RefusedRequestError(408, "the body did not arrive whole", "send it again", { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

function tooLarge(): RefusedRequestError {
  return new RefusedRequestError(413, `the body is larger than ${MAX_BODY_BYTES} bytes`, "send less");
}

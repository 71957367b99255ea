import type { Clock } from '../contract/index.ts';
import { problem } from './problem.ts';

/** What a request's body was found to be: JSON, or the response that refuses it. */
export type Body =
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'refused'; readonly response: Response };

/** How much of a body is read, and for how long. */
export interface BodyLimits {
  readonly maxBodyBytes: number;
  readonly bodyTimeoutMs: number;
  readonly clock: Clock;
}

/**
 * Reads a body as JSON and holds never more than the limit of it, whatever its `Content-Length` says. Never throws.
 * Only `application/json`: a form of another site cannot send that without being asked first (CORS), and what is
 * compressed could grow.
 */
export async function readJson(request: Request, limits: BodyLimits): Promise<Body> {
  if (!isPlainJson(request.headers)) {
    return refused(
      415,
      'expected a body of content type application/json in UTF-8, not compressed, found another',
    );
  }
  const read = await readBytes(request, limits);
  if (typeof read === 'string') return refusals[read](limits);
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(read);
    return { kind: 'json', value: JSON.parse(text) };
  } catch {
    return refused(400, 'expected a body that is JSON in UTF-8, found another');
  }
}

const refusals = {
  'too large': ({ maxBodyBytes }: BodyLimits) =>
    refused(413, `expected a body of at most ${maxBodyBytes} bytes, found more`),
  'too slow': ({ bodyTimeoutMs }: BodyLimits) =>
    refused(408, `expected the whole body within ${bodyTimeoutMs} ms, found it still under way`),
  broken: () => refused(400, 'expected a whole body, found that it could not be read to its end'),
};

function refused(status: 400 | 408 | 413 | 415, detail: string): Body {
  return { kind: 'refused', response: problem({ status, detail }) };
}

function isPlainJson(headers: Headers): boolean {
  const contentType = headers.get('content-type') ?? '';
  const encoding = headers.get('content-encoding') ?? 'identity';
  return (
    /^application\/json\s*(?:;\s*charset=(?:utf-8|"utf-8")\s*)?$/i.test(contentType) &&
    encoding.toLowerCase() === 'identity'
  );
}

async function readBytes(
  request: Request,
  { maxBodyBytes, bodyTimeoutMs, clock }: BodyLimits,
): Promise<ArrayBuffer | keyof typeof refusals> {
  // A length that is too large already is believed; one that is small enough is not.
  if (Number(request.headers.get('content-length')) > maxBodyBytes) return 'too large';
  if (request.body === null) return new ArrayBuffer(0);
  if (request.bodyUsed || request.body.locked) return 'broken';
  const reader: ReadableStreamDefaultReader<unknown> = request.body.getReader();
  const done = new AbortController();
  const slow = clock.sleep(bodyTimeoutMs, done.signal).then(() => 'too slow' as const);
  // One buffer that grows: a body that comes byte by byte costs no more than another.
  const buffer = new ArrayBuffer(0, { maxByteLength: maxBodyBytes });
  try {
    for (;;) {
      const next = await Promise.race([reader.read(), slow]);
      if (next === 'too slow') return next;
      if (next.done) return buffer.slice(0);
      const chunk = next.value;
      if (!(chunk instanceof Uint8Array)) return 'broken';
      const length = buffer.byteLength;
      if (length + chunk.byteLength > maxBodyBytes) return 'too large';
      buffer.resize(length + chunk.byteLength);
      new Uint8Array(buffer).set(chunk, length);
    }
  } catch {
    return 'broken';
  } finally {
    done.abort();
    // Reads no more of what is left; after the end there is nothing to stop.
    reader.cancel().catch(() => {});
  }
}

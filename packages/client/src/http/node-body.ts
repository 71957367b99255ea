import type { IncomingMessage } from 'node:http';

/** A request of Node's, and where the parsers of Express and its like put what they have read of the body. */
type Parsed = IncomingMessage & { readonly body?: unknown };

/** Whether somebody has read the body and left nothing of it. */
export function isBodyUnknown(incoming: Parsed): boolean {
  return hasBody(incoming) && incoming.readableDidRead && incoming.body === undefined;
}

/** The body as it comes in, or what is left of it once it was read. */
export function bodyOf(incoming: Parsed): ReadableStream<Uint8Array> | Uint8Array<ArrayBuffer> | string {
  return incoming.readableDidRead ? rewritten(incoming.body) : streamOf(incoming);
}

/** A request says with one of these headers that it has a body (RFC 9112, section 6.3). */
function hasBody({ headers, method }: IncomingMessage): boolean {
  if (method === 'GET' || method === 'HEAD') return false;
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** Texts and bytes as they are; what was parsed as JSON, as JSON. */
function rewritten(body: unknown): Uint8Array<ArrayBuffer> | string {
  if (typeof body === 'string') return body;
  return body instanceof Uint8Array ? new Uint8Array(body) : (JSON.stringify(body) ?? '');
}

function streamOf(incoming: IncomingMessage): ReadableStream<Uint8Array> {
  // Left open when the route has read enough: the answer goes through the same socket.
  const chunks: AsyncIterator<Uint8Array> = incoming.iterator({ destroyOnReturn: false });
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await chunks.next();
        if (next.done) controller.close();
        else controller.enqueue(next.value);
      },
      cancel: () => void chunks.return?.(),
    },
    { highWaterMark: 0 },
  );
}

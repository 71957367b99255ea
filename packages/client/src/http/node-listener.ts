import type { IncomingMessage, ServerResponse } from 'node:http';
import { problem } from './problem.ts';
import type { Route } from './send-route.ts';

/**
 * Serves a route with `node:http`, Express and everything else that calls listeners: `createServer(nodeListener(route))`.
 * A body is read as fast as the route reads it, and no further. Never rejects.
 */
export function nodeListener(
  route: Route,
): (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void> {
  return async (incoming, outgoing) => {
    const gone = new AbortController();
    outgoing.once('close', () => gone.abort());
    const response = await answer(route, incoming, gone.signal);
    const body = new Uint8Array(await response.arrayBuffer());
    if (gone.signal.aborted) return;
    outgoing.writeHead(response.status, [...response.headers].flat());
    outgoing.end(body);
  };
}

async function answer(route: Route, incoming: IncomingMessage, gone: AbortSignal): Promise<Response> {
  let request: Request;
  try {
    request = toRequest(incoming, gone);
  } catch {
    return problem({ status: 400, detail: 'expected a request that can be read, found another' });
  }
  try {
    return await route(request);
  } catch {
    return problem({ status: 500, detail: 'this did not work' });
  }
}

/** @throws {TypeError} when method, address or headers are not those of a request. */
function toRequest(incoming: IncomingMessage, signal: AbortSignal): Request {
  const { method = 'GET', url = '/', headers: given } = incoming;
  if (!url.startsWith('/')) throw new TypeError('expected a path, found another form of address');
  const protocol = 'encrypted' in incoming.socket ? 'https' : 'http';
  const headers = new Headers();
  for (const [name, value] of Object.entries(given)) {
    // HTTP/2 has method, path and host among the headers.
    if (value !== undefined && !name.startsWith(':')) headers.set(name, [value].flat().join(', '));
  }
  const bodiless = method === 'GET' || method === 'HEAD';
  return new Request(`${protocol}://${given.host ?? 'localhost'}${url}`, {
    method,
    headers,
    signal,
    ...(!bodiless && { body: bodyOf(incoming), duplex: 'half' as const }),
  });
}

function bodyOf(incoming: IncomingMessage): ReadableStream<Uint8Array> {
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

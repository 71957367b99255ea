import type { IncomingMessage, ServerResponse } from 'node:http';
import { errorClass } from '@huntaze/kit';
import * as checks from '@huntaze/kit/checks';
import { readOptions } from '../contract/require-options.ts';
import { silentLogger, type Logger } from '../contract/index.ts';
import { bodyOf, isBodyUnknown } from './node-body.ts';
import { problem } from './problem.ts';
import type { Route } from './send-route.ts';

/** How a {@link nodeListener} is made. */
export interface NodeListenerOptions {
  /** Gets the reason when the route did not answer a request. Default: silent. */
  readonly logger?: Logger | undefined;
}

const listenerTable = {
  logger: { check: checks.logger, default: silentLogger },
} satisfies checks.OptionTable<NodeListenerOptions>;

/**
 * Serves a route with `node:http`, Express and everything else that calls listeners: `createServer(nodeListener(route))`.
 * A body is read as fast as the route reads it, and no further; one that `express.json()` or its like has read already is
 * taken from `request.body`. Never rejects.
 * @throws {ConfigurationError} when the route is no function, or the options are wrong.
 */
export function nodeListener(
  route: Route,
  options: NodeListenerOptions = {},
): (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void> {
  const { logger } = readOptions(listenerTable, options, '', checks.callable(route, 'route', {}));

  /** Whether other code has answered. The route is not called then: its response could not be sent. */
  function isAnswered(outgoing: ServerResponse): boolean {
    if (!outgoing.headersSent) return false;
    logger.error(
      {},
      'expected a response without headers, found that they were sent: a route must answer first',
    );
    // Left open, the caller would wait for a body that never comes.
    if (!outgoing.writableEnded) outgoing.destroy();
    return true;
  }

  return async (incoming, outgoing) => {
    if (isAnswered(outgoing)) return;
    const gone = new AbortController();
    outgoing.once('close', () => gone.abort());
    const response = await answer(route, incoming, gone.signal, logger);
    const body = new Uint8Array(await response.arrayBuffer());
    if (gone.signal.aborted || isAnswered(outgoing)) return;
    try {
      write(response, outgoing);
      outgoing.end(body);
    } catch (error) {
      logger.error({ error: errorClass(error) }, 'a response could not be written');
      outgoing.destroy();
    }
  };
}

/** Header by header: what middleware has put around `writeHead` and `setHeader` sees them as it expects them. */
function write({ status, headers }: Response, outgoing: ServerResponse): void {
  outgoing.statusCode = status;
  for (const [name, value] of headers) if (name !== 'set-cookie') outgoing.setHeader(name, value);
  for (const cookie of headers.getSetCookie()) outgoing.appendHeader('set-cookie', cookie);
}

async function answer(
  route: Route,
  incoming: IncomingMessage,
  gone: AbortSignal,
  logger: Logger,
): Promise<Response> {
  let request: Request;
  try {
    request = toRequest(incoming, gone);
  } catch {
    return problem({ status: 400, detail: 'expected a request that can be read, found another' });
  }
  if (isBodyUnknown(incoming)) {
    logger.error(
      {},
      'expected a body that nobody has read, found one that is gone: put the route before what reads bodies, or let that leave it in request.body',
    );
    return problem({ status: 500, detail: 'the body was read before it came to this route' });
  }
  try {
    return await route(request);
  } catch (error) {
    logger.error({ error: errorClass(error) }, 'a route threw');
    return problem({ status: 500, detail: 'this did not work' });
  }
}

/** A name or an address, and a port. Whatever else the header holds would become a part of the path. */
const HOST = /^[^\s/?#@\\]+$/;

/** @throws {TypeError} when method, address or headers are not those of a request. */
function toRequest(incoming: IncomingMessage, signal: AbortSignal): Request {
  const { method = 'GET', url = '/', headers: given } = incoming;
  if (!url.startsWith('/')) throw new TypeError('expected a path, found another form of address');
  const host = given.host || 'localhost';
  if (!HOST.test(host)) throw new TypeError('expected the name of a host, found something else');
  const protocol = 'encrypted' in incoming.socket ? 'https' : 'http';
  const headers = new Headers();
  for (const [name, value] of Object.entries(given)) {
    // HTTP/2 has method, path and host among the headers.
    if (value !== undefined && !name.startsWith(':')) headers.set(name, [value].flat().join(', '));
  }
  const bodiless = method === 'GET' || method === 'HEAD';
  return new Request(`${protocol}://${host}${url}`, {
    method,
    headers,
    signal,
    ...(!bodiless && { body: bodyOf(incoming), duplex: 'half' as const }),
  });
}

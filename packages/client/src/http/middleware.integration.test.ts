import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { json as readAll } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { nodeListener, sendRoute, type Route } from './index.ts';
import { authenticate, keyOf, makeLogger, makeQueuedClient, payload } from './routes.fixture.ts';
import { listen, stop } from './server.fixture.ts';

type Middleware = (incoming: IncomingMessage & { body?: unknown }, outgoing: ServerResponse) => unknown;

let server: Server;
afterEach(() => stop(server));

/** Serves a route behind middleware, as Express does, and sends it a message. */
async function sendThrough(middleware: Middleware, body: unknown = { payload }, given?: Route) {
  const { client, queue } = makeQueuedClient();
  const { lines, logger } = makeLogger();
  const listener = nodeListener(given ?? sendRoute({ client, authenticate, keyOf }), { logger });
  const rejected: unknown[] = [];
  server = createServer((incoming, outgoing) => {
    void (async () => {
      await middleware(incoming, outgoing);
      await listener(incoming, outgoing).catch((error: unknown) => rejected.push(error));
    })();
  });
  const port = await listen(server);
  const answer = await fetch(`http://127.0.0.1:${port}/messages`, {
    method: 'POST',
    headers: { authorization: 'Bearer anna', 'content-type': 'application/json' },
    body: JSON.stringify(body),
  }).catch((error: unknown) => error as Error);
  return { answer, queue, logged: lines.map(({ message }) => message), rejected };
}

const statusOf = (answer: Response | Error) => (answer instanceof Response ? answer.status : answer.name);

describe('a route behind middleware', () => {
  it.each<[string, Middleware]>([
    ['express.json()', async (incoming) => void (incoming.body = await readAll(incoming))],
    ['express.text()', async (incoming) => void (incoming.body = JSON.stringify(await readAll(incoming)))],
    [
      'express.raw()',
      async (incoming) => void (incoming.body = Buffer.from(JSON.stringify(await readAll(incoming)))),
    ],
  ])('takes the body that %s has read', async (_, middleware) => {
    const { answer, queue } = await sendThrough(middleware);

    expect(statusOf(answer)).toBe(202);
    expect(queue.messages()).toMatchObject([{ payload }]);
  });

  it('keeps the limit of a body that was parsed before', async () => {
    const { answer, queue } = await sendThrough(
      async (incoming) => {
        incoming.body = { payload: 'x'.repeat(300_000) };
        await readAll(incoming);
        incoming.headers['content-length'] = '2';
      },
      { payload },
    );

    expect(statusOf(answer)).toBe(413);
    expect(queue.messages()).toEqual([]);
  });

  it('says what to do about a body of which nothing is left', async () => {
    const { answer, queue, logged } = await sendThrough(async (incoming) => void (await readAll(incoming)));

    expect(statusOf(answer)).toBe(500);
    expect(logged).toEqual([expect.stringMatching(/^expected a body that nobody has read.*request\.body/)]);
    expect(queue.messages()).toEqual([]);
  });

  it('asks nothing of the route when somebody else has answered', async () => {
    const { answer, queue, logged, rejected } = await sendThrough((_, outgoing) => {
      outgoing.writeHead(418);
      outgoing.end();
    });

    expect(statusOf(answer)).toBe(418);
    expect([queue.messages(), rejected]).toEqual([[], []]);
    expect(logged).toEqual([expect.stringMatching(/^expected a response without headers/)]);
  });

  it('ends a response whose headers somebody has sent: the caller would wait for ever', async () => {
    const { answer, queue, logged, rejected } = await sendThrough((_, outgoing) => outgoing.flushHeaders());
    const body = answer instanceof Response ? answer.text() : Promise.reject(answer);
    await expect(body).rejects.toThrow(/terminated|fetch failed/);

    expect([queue.messages(), rejected]).toEqual([[], []]);
    expect(logged).toEqual([expect.stringMatching(/^expected a response without headers/)]);
  });

  it('says that somebody answered while it worked', async () => {
    let outgoing: ServerResponse | undefined;
    const { answer, logged, rejected } = await sendThrough(
      (_, given) => void (outgoing = given),
      {},
      async () => {
        outgoing?.writeHead(503).end();
        return new Response('late');
      },
    );

    expect(statusOf(answer)).toBe(503);
    expect(rejected).toEqual([]);
    expect(logged).toEqual([expect.stringMatching(/^expected a response without headers/)]);
  });

  it('tells its headers one by one to what is wrapped around a response, and keeps those that are there', async () => {
    const seen: string[] = [];
    const { answer } = await sendThrough(
      (_, outgoing) => {
        outgoing.setHeader('x-powered-by', 'somebody');
        const { setHeader, writeHead } = outgoing;
        outgoing.setHeader = (name, value) => {
          seen.push(name);
          return setHeader.call(outgoing, name, value);
        };
        // What sets headers late reads the arguments of writeHead, and knows no flat list of them.
        outgoing.writeHead = (...given: unknown[]) => {
          if (given.some(Array.isArray)) throw new TypeError('expected an object of headers');
          return (writeHead as (...all: unknown[]) => ServerResponse).apply(outgoing, given);
        };
      },
      {},
      async () =>
        new Response('fine', {
          headers: [
            ['x-one', '1'],
            ['set-cookie', 'a=1'],
            ['set-cookie', 'b=2'],
          ],
        }),
    );

    expect(statusOf(answer)).toBe(200);
    const { headers } = answer as Response;
    expect(headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect([headers.get('x-one'), headers.get('x-powered-by')]).toEqual(['1', 'somebody']);
    expect(seen).toContain('x-one');
  });

  it('hangs up where middleware does not let it answer, and says so', async () => {
    const { answer, logged, rejected } = await sendThrough((_, outgoing) => {
      outgoing.setHeader = () => {
        throw new RangeError('not this one');
      };
    });

    expect(answer).toBeInstanceOf(Error);
    expect(logged).toContain('a response could not be written');
    expect(rejected).toEqual([]);
  });
});

import { once } from 'node:events';
import { createServer, request as httpRequest, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodeListener, sendRoute, statusRoute } from './index.ts';
import { authenticate, keyOf, makeQueuedClient, payload } from './routes.fixture.ts';
import { listen, stop } from './server.fixture.ts';

/** The two routes of a host. */
function makeRoutes() {
  const { client, queue } = makeQueuedClient();
  const messages = sendRoute({ client, authenticate, keyOf });
  const status = statusRoute({ client, authenticate });
  return { messages, status, queue };
}
type Routes = ReturnType<typeof makeRoutes>;

/** The ways in which a host may serve them. */
const hosts: readonly (readonly [string, (routes: Routes) => Server])[] = [
  [
    'plain Node',
    ({ messages, status }) => {
      const listeners = { '/messages': nodeListener(messages), '/status': nodeListener(status) };
      return createServer((incoming, outgoing) => {
        const path = incoming.url?.split('?')[0] === '/status' ? '/status' : '/messages';
        void listeners[path](incoming, outgoing);
      }).listen(0, '127.0.0.1');
    },
  ],
  [
    'Hono',
    ({ messages, status }) => {
      const app = new Hono()
        .all('/messages', (context) => messages(context.req.raw))
        .all('/status', (context) => status(context.req.raw));
      return serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }) as Server;
    },
  ],
];

describe.each(hosts)('the routes served by %s', (_, start) => {
  let server: Server;
  let port: number;
  let queue: Routes['queue'];

  beforeEach(async () => {
    const routes = makeRoutes();
    ({ queue } = routes);
    server = start(routes);
    if (!server.listening) await once(server, 'listening');
    ({ port } = server.address() as AddressInfo);
  });
  afterEach(() => stop(server));

  const json = { authorization: 'Bearer anna', 'content-type': 'application/json' };
  const send = (init: RequestInit) => fetch(`http://127.0.0.1:${port}/messages`, { method: 'POST', ...init });

  it('queue the message of a request', async () => {
    const response = await send({ headers: json, body: JSON.stringify({ payload, key: 'anna-2' }) });

    expect([response.status, await response.json()]).toEqual([202, { outcome: 'queued', messageId: 'id-1' }]);
    expect(queue.messages()).toMatchObject([{ id: 'id-1', key: 'anna-2', payload }]);
  });

  it('queue a repeated request under the same id', async () => {
    const headers = { ...json, 'idempotency-key': 'order-7' };
    const sendAgain = async () => (await send({ headers, body: JSON.stringify({ payload }) })).json();

    expect([await sendAgain(), await sendAgain()]).toMatchObject([
      { messageId: 'order-7' },
      { messageId: 'order-7' },
    ]);
    expect(queue.messages().map(({ id }) => id)).toEqual(['order-7', 'order-7']);
  });

  it.each<[number, RequestInit]>([
    [400, { headers: json, body: '{' }],
    [400, { headers: json, body: JSON.stringify({ payload: {} }) }],
    [401, { body: '{}' }],
    [403, { headers: json, body: JSON.stringify({ payload, key: 'bob-1' }) }],
    [405, { method: 'PUT', headers: json, body: '{}' }],
    [413, { headers: json, body: ' '.repeat(262_145) }],
    [415, { headers: { authorization: 'Bearer anna' }, body: '{}' }],
    [429, { headers: { ...json, authorization: 'Bearer busy' }, body: '{}' }],
  ])('answer %d to %j', async (status, init) => {
    const response = await send(init);

    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await response.json()).toMatchObject({ status });
    expect(queue.messages()).toEqual([]);
  });

  it('answer 503 while the queue cannot be reached', async () => {
    queue.fail(Object.assign(new Error('secret'), { code: 'ECONNREFUSED' }));

    const response = await send({ headers: json, body: JSON.stringify({ payload }) });

    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '10']);
    expect(await response.text()).not.toMatch(/secret|ECONNREFUSED/);
  });

  it('answer 413 in the middle of a body that never says how long it is', async () => {
    const upload = httpRequest({ port, path: '/messages', method: 'POST', headers: json });
    upload.on('error', () => {});
    const response = new Promise<number | undefined>((resolve) => {
      upload.once('response', (incoming) => {
        resolve(incoming.statusCode);
        incoming.resume();
      });
    });
    let sent = 0;
    // Not more at once than the socket takes: a client that is heard.
    const write = () => {
      if (upload.destroyed) return;
      sent += 65_536;
      upload.write(' '.repeat(65_536), () => setImmediate(write));
    };
    write();

    expect(await response).toBe(413);
    upload.destroy();
    expect(sent).toBeGreaterThan(262_144);
  });

  it('survive a caller that hangs up in the middle of its body', async () => {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(
      'POST /messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer anna\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{',
    );
    socket.destroy();
    await once(socket, 'close');

    const response = await send({ headers: json, body: JSON.stringify({ payload }) });
    expect(response.status).toBe(202);
    expect(queue.messages()).toHaveLength(1);
  });

  it('answer with the status', async () => {
    const response = await fetch(`http://127.0.0.1:${port}/status`, { headers: json });

    expect([response.status, await response.json()]).toMatchObject([200, { queue: { waiting: 3 } }]);
  });
});

describe('a route served by plain Node', () => {
  let server: Server;
  afterEach(() => stop(server));

  /** What a server says to bytes as they are. */
  async function answerTo(route: Parameters<typeof nodeListener>[0], bytes: string): Promise<string> {
    server = createServer((incoming, outgoing) => void nodeListener(route)(incoming, outgoing));
    const socket = connect(await listen(server), '127.0.0.1');
    socket.write(bytes);
    return text(socket);
  }

  it('has the address, the headers and the body of the request', async () => {
    const answer = await answerTo(async (request) => {
      const body = await request.text();
      return Response.json([request.url, request.headers.get('x-two'), body]);
    }, 'POST /a?b=c HTTP/1.1\r\nHost: host.example:81\r\nX-Two: 1\r\nX-Two: 2\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi');

    expect(answer).toMatch(/^HTTP\/1\.1 200 OK/);
    expect(answer).toContain('["http://host.example:81/a?b=c","1, 2","hi"]');
  });

  it.each([
    ['an address that is not a path', 'GET http://other.example/ HTTP/1.1\r\nHost: x\r\n'],
    ['a host with credentials', 'GET / HTTP/1.1\r\nHost: user:secret@x\r\n'],
    ['a host that is none', 'GET / HTTP/1.1\r\nHost: a b\r\n'],
    ['a host with a path', 'GET / HTTP/1.1\r\nHost: x/admin\r\n'],
    ['a host with a query', 'GET / HTTP/1.1\r\nHost: x?messageId=m-1&\r\n'],
    ['a host with a fragment', 'GET / HTTP/1.1\r\nHost: x#\r\n'],
    ['a host with a backslash', 'GET / HTTP/1.1\r\nHost: x\\admin\r\n'],
    ['a method that requests cannot have', 'TRACE / HTTP/1.1\r\nHost: x\r\n'],
  ])('does not get %s', async (_, head) => {
    let asked = false;
    const answer = await answerTo(async () => {
      asked = true;
      return new Response();
    }, `${head}Connection: close\r\n\r\n`);

    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request/);
    expect(asked).toBe(false);
  });

  it.each([
    ['an empty host', '/a?b=c', 'Host: ', 'http://localhost/a?b=c'],
    ['a path that looks like a host', '//other.example/a', 'Host: x', 'http://x//other.example/a'],
    ['an address of IPv6', '/', 'Host: [::1]:81', 'http://[::1]:81/'],
  ])('has the path that was asked for with %s', async (_, path, host, url) => {
    const answer = await answerTo(
      async (request) => Response.json(request.url),
      `GET ${path} HTTP/1.1\r\n${host}\r\nConnection: close\r\n\r\n`,
    );

    expect(answer).toContain(`"${url}"`);
  });

  it('keeps to itself what it throws', async () => {
    const answer = await answerTo(
      () => Promise.reject(new Error('secret')),
      'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    );

    expect(answer).toMatch(/^HTTP\/1\.1 500 Internal Server Error/);
    expect(answer).not.toContain('secret');
  });

  it('learns that its caller is gone', async () => {
    const gone = Promise.withResolvers<void>();
    server = createServer(
      (incoming, outgoing) =>
        void nodeListener(async ({ signal }) => {
          signal.addEventListener('abort', () => gone.resolve());
          await gone.promise;
          return new Response();
        })(incoming, outgoing),
    );
    const socket = connect(await listen(server), '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n', () => setImmediate(() => socket.destroy()));

    await expect(gone.promise).resolves.toBeUndefined();
  });
});

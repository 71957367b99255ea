import { describe, expect, it } from 'vitest';
import { authenticate, makeLogger, makeQueuedClient } from './routes.fixture.ts';
import { statusRoute, type StatusRouteOptions } from './status-route.ts';

type Anna = { readonly name: string };

function makeRoute(overrides: Partial<StatusRouteOptions<Anna>> = {}) {
  const { client, queue } = makeQueuedClient();
  const { lines, logger } = makeLogger();
  const route = statusRoute<Anna>({ client, authenticate, logger, ...overrides });
  return { route, client, queue, lines };
}

const get = (query = '', authorization = 'Bearer anna') =>
  new Request(`http://localhost/status${query}`, { headers: { authorization } });

describe('a GET of the status', () => {
  it('answers with what the client sees', async () => {
    const { route } = makeRoute();

    const response = await route(get());

    expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(await response.json()).toMatchObject({
      queue: { waiting: 3, hidden: 2, delayed: 0 },
      deadLetters: null,
      checkedAtMs: expect.any(Number) as number,
    });
  });

  it('keeps to itself why a part cannot be read', async () => {
    const { route, queue } = makeRoute();
    queue.fail(Object.assign(new Error('secret.internal'), { code: 'ECONNREFUSED' }));

    const text = await (await route(get())).text();

    expect(JSON.parse(text)).toMatchObject({ queue: { unavailable: true } });
    expect(text).not.toMatch(/secret|ECONNREFUSED/);
  });

  it('is unavailable when the client is closed', async () => {
    const { route, client } = makeRoute();
    await client.close();

    const response = await route(get());

    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '10']);
  });

  it.each([
    ['', 401],
    ['Bearer blocked', 403],
    ['Bearer busy', 429],
  ])('is refused to "%s"', async (authorization, status) => {
    expect((await makeRoute().route(get('', authorization))).status).toBe(status);
  });

  it.each(['POST', 'HEAD', 'DELETE'])('is not a %s', async (method) => {
    const response = await makeRoute().route(new Request('http://localhost/status', { method }));

    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET']);
  });
});

describe('where messages stand', () => {
  const find = async ({ name }: Anna, messageId: string) => {
    if (messageId === 'm-broken') throw new Error('secret');
    return messageId === 'm-1' ? { state: 'waiting', position: 4, of: name } : undefined;
  };

  it('is said of each message that is asked about, once, to the caller alone', async () => {
    const { route, lines } = makeRoute({ find });

    const response = await route(
      get('?messageId=m-1&messageId=m-2&messageId=m-1&messageId=m-broken&messageId=__proto__'),
    );

    const { messages } = (await response.json()) as { messages: object };
    expect(Object.entries(messages)).toEqual([
      ['m-1', { state: 'waiting', position: 4, of: 'anna' }],
      ['m-2', null],
      ['m-broken', { unavailable: true }],
      ['__proto__', null],
    ]);
    expect(lines).toMatchObject([{ level: 'warn', fields: { messageId: 'm-broken', error: 'Error' } }]);
  });

  it('is not said unless asked, nor without a find', async () => {
    expect(await (await makeRoute({ find }).route(get())).json()).not.toHaveProperty('messages');
    expect(await (await makeRoute().route(get('?messageId=m-1'))).json()).not.toHaveProperty('messages');
  });

  it.each([
    ['an id that is none', '?messageId=with%20spaces'],
    ['an empty id', '?messageId='],
    ['too many ids', `?${Array.from({ length: 101 }, (_, n) => `messageId=m-${n}`).join('&')}`],
  ])('is refused for %s', async (_, query) => {
    expect((await makeRoute({ find }).route(get(query))).status).toBe(400);
  });
});

describe('the options of the route', () => {
  it('are checked when it is made, all at once', () => {
    expect(() => statusRoute({ find: 7 } as never)).toThrow(
      [
        'client: expected an object with status, found undefined without status',
        'authenticate: expected a function, found undefined',
        'find: expected a function, found 7',
      ].join('; '),
    );
  });
});

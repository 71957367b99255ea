import { describe, expect, it } from 'vitest';
import { BypassError } from '../contract/index.ts';
import { makeQueuedClient, payload, post } from './routes.fixture.ts';
import { makeRoute, read } from './send-route.fixture.ts';
import { sendRoute } from './send-route.ts';

describe('a POST of a message', () => {
  it('queues it and says under which id', async () => {
    const { route, queue } = makeRoute();

    const response = await route(post({ payload, priority: 'high' }));

    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await read(response)).toEqual({ status: 202, body: { outcome: 'queued', messageId: 'id-1' } });
    expect(queue.messages()).toMatchObject([{ id: 'id-1', key: 'anna-1', priority: 'high', payload }]);
  });

  it.each([
    ['Idempotency-Key', {}, { 'idempotency-key': 'order-7' }],
    ['a quoted Idempotency-Key', {}, { 'idempotency-key': '"order-7"' }],
    ['an id', { id: 'order-7' }, {}],
    ['both, the same', { id: 'order-7' }, { 'idempotency-key': 'order-7' }],
  ])('is the same message each time with %s', async (_, fields, headers) => {
    const { route, queue } = makeRoute();
    const send = async () => read(await route(post({ payload, ...fields }, headers)));

    expect([await send(), await send()]).toMatchObject([
      { status: 202, body: { messageId: 'order-7' } },
      { status: 202, body: { messageId: 'order-7' } },
    ]);
    expect(queue.messages().map(({ id }) => id)).toEqual(['order-7', 'order-7']);
  });

  it('tells of a message that the fallback store took, and not why', async () => {
    const stored = { outcome: 'stored', messageId: 'm-1', cause: new Error('inside') };
    const { route } = makeRoute({ client: { send: async () => stored } });

    expect(await read(await route(post({ payload })))).toEqual({
      status: 202,
      body: { outcome: 'stored', messageId: 'm-1' },
    });
  });
});

describe('whose message it is', () => {
  it.each([
    ['the one that is asked for', 'anna-2', 202],
    ['nobody else', 'bob-1', 403],
    ['not even one that looks the same to a property lookup', '__proto__', 403],
  ])('may be %s', async (_, key, status) => {
    const { route, queue } = makeRoute();

    expect((await route(post({ payload, key }))).status).toBe(status);
    expect(queue.messages().map((message) => message['key'])).toEqual(status === 202 ? [key] : []);
  });

  it('is never another than was asked for', async () => {
    const { route, queue } = makeRoute({ keyOf: () => 'anna-1' });

    expect((await route(post({ payload, key: 'bob-1' }))).status).toBe(403);
    expect(queue.messages()).toEqual([]);
  });

  it('cannot be said while the host cannot say', async () => {
    const { route, lines } = makeRoute({ keyOf: () => Promise.reject(new RangeError('secret-table')) });

    const response = await route(post({ payload }));

    expect(response.headers.get('retry-after')).toBe('10');
    expect(await read(response)).toMatchObject({ status: 503 });
    expect(lines).toMatchObject([{ level: 'error', fields: { error: 'RangeError' } }]);
  });
});

describe('a caller', () => {
  it.each([
    ['that is not known', {}, 401, null],
    ['whose authentication fails', { authorization: 'Bearer broken' }, 401, null],
    ['that may not', { authorization: 'Bearer blocked' }, 403, null],
    ['that asks too often', { authorization: 'Bearer busy' }, 429, '2'],
    ['that cannot be decided about', { authorization: 'Bearer undecided' }, 503, '10'],
  ])('%s is refused before the body is read', async (_, headers, status, retryAfter) => {
    const { route, queue, lines } = makeRoute();
    const request = post({ payload }, { authorization: '', ...headers });

    const response = await route(request);

    expect(request.bodyUsed).toBe(false);
    expect(response.headers.get('retry-after')).toBe(retryAfter);
    expect(response.headers.get('www-authenticate')).toBe(status === 401 ? 'Bearer' : null);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await read(response)).toMatchObject({ status, body: { status } });
    expect(queue.messages()).toEqual([]);
    expect(JSON.stringify(lines)).not.toContain('secret');
  });

  it.each([undefined, null, false, 0, ''])('is refused when authenticate says %s', async (verdict) => {
    const { route } = makeRoute({ authenticate: () => verdict as undefined });

    expect((await route(post({ payload }))).status).toBe(401);
  });
});

describe('a queue', () => {
  it('that cannot be reached is said to be so, with the id to try again with', async () => {
    const { route, queue, lines } = makeRoute({ retryAfterMs: 30_000 });
    queue.fail(Object.assign(new Error('secret.internal refused'), { code: 'ECONNREFUSED' }));

    const response = await route(post({ payload }, { 'idempotency-key': 'order-7' }));

    expect(response.headers.get('retry-after')).toBe('30');
    const { status, body } = await read(response);
    expect([status, Object.keys(body)]).toEqual([503, ['title', 'status', 'detail', 'messageId']]);
    expect(body['messageId']).toBe('order-7');
    expect(JSON.stringify(body)).not.toMatch(/secret|ECONNREFUSED|sqs|amazonaws/i);
    expect(lines).toMatchObject([{ level: 'error', fields: { error: 'QUEUE_UNAVAILABLE' } }]);
  });

  it.each([
    [
      'refuses the client',
      (queue: Queue) => queue.fail(Object.assign(new Error(), { name: 'AccessDenied' })),
    ],
    ['is closed', (_: Queue, client: Client) => client.close()],
  ])('that %s is unavailable to callers', async (_, spoil) => {
    const { route, queue, client } = makeRoute();
    await spoil(queue, client);

    const response = await route(post({ payload }));

    expect(response.headers.get('retry-after')).toBe('10');
    expect(await read(response)).toEqual({
      status: 503,
      body: {
        title: 'Service Unavailable',
        status: 503,
        detail: 'the message was not queued: send it again later',
      },
    });
  });

  it('that the host sends past tells which message it was', async () => {
    const bypass = new BypassError('m-1', new Error('secret'));
    const { route, lines } = makeRoute({ client: { send: () => Promise.reject(bypass) } });

    expect(await read(await route(post({ payload })))).toMatchObject({
      status: 503,
      body: { messageId: 'm-1' },
    });
    expect(lines).toMatchObject([{ fields: { error: 'BYPASS' } }]);
  });

  it.each([new Error('secret'), 'secret', null, Object.create(null)])(
    'whose client throws %s is unavailable to callers',
    async (thrown) => {
      const { route, lines } = makeRoute({ client: { send: () => Promise.reject(thrown) } });

      const { status, body } = await read(await route(post({ payload })));

      expect(status).toBe(503);
      expect(JSON.stringify([body, lines])).not.toContain('secret');
    },
  );
});

type Queue = ReturnType<typeof makeQueuedClient>['queue'];
type Client = ReturnType<typeof makeQueuedClient>['client'];

describe('the options of the route', () => {
  it('are checked when it is made, all at once', () => {
    expect(() => sendRoute({ maxBodyBytes: 0, retryAfterMs: 1.5, client: {} } as never)).toThrow(
      [
        'client: expected an object with send, found an object without send',
        'authenticate: expected a function, found undefined',
        'keyOf: expected a function, found undefined',
        'maxBodyBytes: expected a whole number from 1 to 1073741824, found 0',
        'retryAfterMs: expected a whole number from 1 to 86400000, found 1.5',
      ].join('; '),
    );
  });
});

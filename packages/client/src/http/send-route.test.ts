import { describe, expect, it } from 'vitest';
import { BypassError } from '../contract/index.ts';
import { fakeClock } from '../testing/fake-clock.ts';
import { authenticate, keyOf, makeLogger, makeQueuedClient, payload, post } from './routes.fixture.ts';
import { sendRoute, type SendRouteOptions } from './send-route.ts';

type Anna = { readonly accounts: readonly string[] };

function makeRoute(overrides: Partial<SendRouteOptions<Anna>> = {}) {
  const { client, queue } = makeQueuedClient();
  const { lines, logger } = makeLogger();
  const clock = fakeClock();
  const route = sendRoute<Anna>({ client, authenticate, keyOf, logger, clock, ...overrides });
  return { route, client, queue, lines, clock };
}

async function read(response: Response) {
  const text = await response.text();
  return { status: response.status, body: JSON.parse(text) as Record<string, unknown> };
}

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

describe('a request that is not one', () => {
  it.each(['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('may be a %s', async (method) => {
    const { route } = makeRoute();

    const response = await route(new Request('http://localhost/messages', { method }));

    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
  });

  it.each([
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['plain text, as a form of another site may send it', { 'content-type': 'text/plain' }],
    ['of a type that begins alike', { 'content-type': 'application/jsonp' }],
    ['of a type in front', { 'content-type': 'text/plain, application/json' }],
    ['in another charset', { 'content-type': 'application/json; charset=utf-16' }],
    ['without a type', { 'content-type': '' }],
    ['compressed', { 'content-encoding': 'gzip' }],
  ])('may be %s', async (_, headers) => {
    const { route } = makeRoute();

    expect((await route(post({ payload }, headers))).status).toBe(415);
  });

  it.each(['application/json', 'Application/JSON; charset=UTF-8', 'application/json;charset="utf-8"'])(
    'is not one of type %s',
    async (type) => {
      const { route } = makeRoute();

      expect((await route(post({ payload }, { 'content-type': type }))).status).toBe(202);
    },
  );

  it.each([
    ['nothing', '', 'expected a body that is JSON in UTF-8, found another'],
    ['no JSON', '{"payload":', 'expected a body that is JSON in UTF-8, found another'],
  ])('may hold %s', async (_, body, detail) => {
    const { route } = makeRoute();

    expect(await read(await route(post(body)))).toEqual({
      status: 400,
      body: { title: 'Bad Request', status: 400, detail },
    });
  });

  it('may hold bytes that are no UTF-8', async () => {
    const { route } = makeRoute();
    const bytes = Uint8Array.of(0x22, 0xc3, 0x28, 0x22);
    const { headers } = post({});

    const response = await route(new Request('http://localhost/', { method: 'POST', headers, body: bytes }));

    expect(response.status).toBe(400);
  });

  it.each([
    [null, ['']],
    [[], ['']],
    ['text', ['']],
    [{}, ['payload']],
    [{ payload, paylod: 1 }, ['']],
    [JSON.parse('{"payload":1,"__proto__":{"key":"bob-1"}}'), ['']],
    [{ payload, key: 7 }, ['key']],
    [{ payload, key: 'with spaces', id: '' }, ['key', 'id']],
    [{ payload, priority: 'urgent' }, ['priority']],
    [{ payload: { recipientId: 'fan-1', content: '' } }, ['payload.content']],
    [{ payload: { ...payload, mediaUrls: ['https://127.0.0.1/'] } }, ['payload.mediaUrls[0]']],
  ])('may hold %j', async (body, places) => {
    const { route, queue } = makeRoute();

    const response = await route(post(JSON.stringify(body)));

    expect(response.headers.get('content-type')).toBe('application/problem+json');
    const found = await read(response);
    expect(found).toMatchObject({ status: 400, body: { title: 'Bad Request', status: 400 } });
    expect((found.body['problems'] as { path: string }[]).map(({ path }) => path)).toEqual(places);
    expect(queue.messages()).toEqual([]);
  });

  it.each([
    ['of other characters', { 'idempotency-key': 'with spaces' }, 'Idempotency-Key'],
    ['that is too long', { 'idempotency-key': 'x'.repeat(129) }, 'Idempotency-Key'],
    ['that is empty', { 'idempotency-key': '""' }, 'Idempotency-Key'],
    ['that is not the id', { 'idempotency-key': 'another' }, 'id'],
  ])('may have an Idempotency-Key %s', async (_, headers, path) => {
    const { route } = makeRoute();

    const { status, body } = await read(await route(post({ payload, id: 'order-7' }, headers)));

    expect(status).toBe(400);
    expect((body['problems'] as { path: string }[])[0]?.path).toBe(path);
  });

  it('lists a bounded number of problems', async () => {
    const { route } = makeRoute();
    const mediaUrls = Array.from({ length: 500 }, () => 'http://x/');

    const { body } = await read(await route(post({ payload: { ...payload, mediaUrls } })));

    expect(body['problems']).toHaveLength(100);
  });
});

describe('a body', () => {
  /** A request whose body comes in chunks, without a length. */
  function streamed(pull: (controller: ReadableStreamDefaultController<Uint8Array>) => void) {
    let cancelled = false;
    const body = new ReadableStream<Uint8Array>({ pull, cancel: () => void (cancelled = true) });
    const { headers } = post({});
    const request = new Request('http://localhost/', { method: 'POST', headers, body, duplex: 'half' });
    return { request, wasCancelled: () => cancelled };
  }

  it('of exactly the limit is read', async () => {
    const text = JSON.stringify({ payload });
    const { route } = makeRoute({ maxBodyBytes: text.length });

    expect((await route(post(text))).status).toBe(202);
  });

  it('that says it is larger is not read at all', async () => {
    const { route } = makeRoute({ maxBodyBytes: 100 });
    const request = post({ payload }, { 'content-length': '101' });

    expect((await route(request)).status).toBe(413);
    expect(request.bodyUsed).toBe(false);
  });

  it('that never ends is read up to the limit and left', async () => {
    const { route, queue } = makeRoute();
    let bytes = 0;
    const { request, wasCancelled } = streamed((controller) => {
      bytes += 65_536;
      controller.enqueue(new Uint8Array(65_536).fill(0x20));
    });
    request.headers.set('content-length', '10');

    expect(await read(await route(request))).toMatchObject({
      status: 413,
      body: { detail: 'expected a body of at most 262144 bytes, found more' },
    });
    expect(bytes).toBeLessThanOrEqual(262_144 + 2 * 65_536);
    expect(wasCancelled()).toBe(true);
    expect(queue.messages()).toEqual([]);
  });

  it('may come byte by byte', async () => {
    const bytes = new TextEncoder().encode(JSON.stringify({ payload: { ...payload, content: 'größer' } }));
    let at = 0;
    const { route, queue } = makeRoute();
    const { request } = streamed((controller) => {
      if (at === bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, ++at));
    });

    expect((await route(request)).status).toBe(202);
    expect(queue.messages()).toMatchObject([{ payload: { content: 'größer' } }]);
  });

  it('that stops coming is given up after a time', async () => {
    const { route, clock } = makeRoute();
    const { request, wasCancelled } = streamed(() => {});

    const response = route(request);
    await clock.advance(9_999);
    expect(wasCancelled()).toBe(false);
    await clock.advance(1);

    expect((await response).status).toBe(408);
    expect(wasCancelled()).toBe(true);
    expect(clock.sleeping).toBe(0);
  });

  it('that breaks off is refused, and leaves no timer behind', async () => {
    const { route, clock } = makeRoute();
    const { request } = streamed((controller) => controller.error(new Error('reset')));

    expect((await route(request)).status).toBe(400);
    expect(clock.sleeping).toBe(0);
  });

  it('that something else has read is refused', async () => {
    const { route } = makeRoute();
    const request = post({ payload });
    await request.text();

    expect((await route(request)).status).toBe(400);
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
        'client: expected a client with send, found an object',
        'authenticate: expected a function, found undefined',
        'keyOf: expected a function, found undefined',
        'maxBodyBytes: expected a whole number from 1, found a number',
        'retryAfterMs: expected a whole number from 1, found a number',
      ].join('; '),
    );
  });
});

import { describe, expect, it } from 'vitest';
import { payload, post } from './routes.fixture.ts';
import { makeRoute, read } from './send-route.fixture.ts';

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

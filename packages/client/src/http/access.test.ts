import { describe, expect, it } from 'vitest';
import { access, deny } from './access.ts';
import { sendRoute, statusRoute } from './index.ts';
import { makeLogger, post } from './routes.fixture.ts';

/** What a request gets whose host said this when it was asked who is calling. */
async function verdictOf(said: unknown) {
  const { lines, logger } = makeLogger();
  const request = new Request('http://host/');
  const got = await access(async () => said as object, request, logger);
  return {
    got: got.kind === 'granted' ? got.principal : got.response.status,
    warned: lines.map(({ fields }) => fields),
  };
}

/** A Response of another class than the one that is known here, as frameworks and older fetches have. */
class ForeignResponse {
  readonly status = 401;
  readonly headers = new Map();
}

describe('access', () => {
  it.each<[string, unknown]>([
    ['an object', { id: 'anna' }],
    ['a text', 'anna'],
    ['a number', 7],
    ['true', true],
    ['an object with a status', { id: 'anna', status: 'active' }],
    ['an object of a class', new URL('https://anna.example/')],
  ])('is granted to %s', async (_, caller) => {
    expect(await verdictOf(caller)).toEqual({ got: caller, warned: [] });
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['false', false],
    ['0', 0],
    ['NaN', Number.NaN],
    ['an empty text', ''],
  ])('is refused to %s, which is nobody', async (_, said) => {
    expect(await verdictOf(said)).toEqual({ got: 401, warned: [] });
  });

  it.each<[string, unknown, string]>([
    ['a Response', new Response(null, { status: 401 }), 'a Response'],
    ['a redirect', new Response(null, { status: 302, headers: { location: '/login' } }), 'a Response'],
    ['a Response of another class', new ForeignResponse(), 'a Response'],
    ['the request itself', post({}), 'a Request'],
    ['an error', new Error('secret'), 'an error'],
    ['a status that deny does not know', { denied: 404 }, 'a denial of another form than deny gives'],
    ['a status that is text', { denied: '403' }, 'a denial of another form than deny gives'],
    ['a status of another protocol', { denied: 400 }, 'a denial of another form than deny gives'],
    ['a denial of nothing', { denied: undefined }, 'a denial of another form than deny gives'],
    ['a denial with more', { denied: 403, reason: 'x' }, 'a denial of another form than deny gives'],
    ['a function', () => 'anna', 'a function'],
    ['a symbol', Symbol('anna'), 'a symbol'],
  ])('is refused to %s, with a warning', async (_, said, found) => {
    expect(await verdictOf(said)).toEqual({ got: 401, warned: [{ found }] });
  });

  it('is refused to what cannot be looked at', async () => {
    const hostile = new Proxy(
      {},
      {
        has: () => {
          throw new TypeError('secret');
        },
      },
    );

    expect(await verdictOf(hostile)).toEqual({ got: 401, warned: [{ error: 'TypeError' }] });
  });

  it.each([401, 403, 429, 503] as const)('is refused with the status of deny(%i)', async (status) => {
    expect(await verdictOf(deny(status))).toEqual({ got: status, warned: [] });
  });

  it.each([[404], ['403'], [undefined]])('has no denial of %j', (status) => {
    expect(() => deny(status as never)).toThrow(/^deny: expected 401 or 403 or 429 or 503/);
  });
});

describe('a route whose authenticate says no in another way', () => {
  it.each<[string, () => unknown]>([
    ['with a Response', () => new Response(null, { status: 401 })],
    ['with an Error', () => new Error('no')],
    ['with deny(404)', () => deny(404 as never)],
    ["with deny('403')", () => deny('403' as never)],
    ['with { denied: 400 }', () => ({ denied: 400 })],
  ])('%s, lets nobody in', async (_, authenticate) => {
    const client = {
      status: async () => ({ queue: { waiting: 5 } }),
      send: async () => ({ outcome: 'queued', messageId: 'm-1' }),
    };
    const given = { client, authenticate: authenticate as () => object, keyOf: () => 'k' };

    expect(
      (await statusRoute({ client, authenticate: given.authenticate })(new Request('http://host/'))).status,
    ).toBe(401);
    expect((await sendRoute(given)(post({ payload: 1 }))).status).toBe(401);
  });

  it.each([[7], [{ key: 'k' }], [new Error('no')], [true]])(
    'whose keyOf gives %s, sends for no key',
    async (key) => {
      let sent = 0;
      const client = { send: async () => ({ outcome: 'queued', messageId: String(++sent) }) };
      const route = sendRoute({ client, authenticate: () => 'anna', keyOf: () => key as never });

      expect((await route(post({ payload: 1 }))).status).toBe(403);
      expect(sent).toBe(0);
    },
  );
});

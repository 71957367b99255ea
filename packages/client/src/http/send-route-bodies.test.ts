import { describe, expect, it } from 'vitest';
import { payload, post } from './routes.fixture.ts';
import { makeRoute, read } from './send-route.fixture.ts';

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

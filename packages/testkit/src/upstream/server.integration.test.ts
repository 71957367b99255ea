import { once } from 'node:events';
import { Agent, request as httpRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { startUpstream, type Upstream, type UpstreamOptions } from './server.ts';

describe('startUpstream', () => {
  let upstream: Upstream | undefined;
  afterEach(() => upstream?.stop());

  const start = async (options: Partial<UpstreamOptions> = {}) =>
    (upstream = await startUpstream({ limit: 1, windowMs: 60_000, ...options }));
  const post = ({ url }: Upstream, body: string) => fetch(url, { method: 'POST', body });
  const call = (id: string, key = 'a') => JSON.stringify({ id, key });

  it('answers 200 within the limit and 429 with Retry-After over it, and counts both', async () => {
    const api = await start();
    expect((await post(api, call('1'))).status).toBe(200);
    const refused = await post(api, call('2'));
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '60']);
    expect(api.ledger.calls.map(({ id, accepted }) => ({ id, accepted }))).toEqual([
      { id: '1', accepted: true },
      { id: '2', accepted: false },
    ]);
    expect(api.ledger.worstWindow()).toBe(2);
  });

  it('answers 200 over the limit and writes the violation down when it does not enforce', async () => {
    const api = await start({ enforce: false });
    await post(api, call('1'));
    expect((await post(api, call('2'))).status).toBe(200);
    expect(api.ledger.violations().map(({ id }) => id)).toEqual(['2']);
  });

  it('stamps a call when it arrives, not when it is answered', async () => {
    const api = await start({ latencyMs: 50 });
    const sentAtMs = performance.now();
    await post(api, call('1'));
    const answeredAtMs = performance.now();
    const atMs = api.ledger.calls[0]?.atMs ?? Number.NaN;
    expect(answeredAtMs - sentAtMs).toBeGreaterThanOrEqual(49);
    expect(atMs).toBeGreaterThanOrEqual(sentAtMs);
    expect(atMs).toBeLessThanOrEqual(answeredAtMs - 49);
  });

  it.each(['', 'text', '{}', '{"id":1,"key":"a"}', '[]', 'null'])(
    'answers 400 to the body %j and does not count it',
    async (body) => {
      const api = await start();
      expect((await post(api, body)).status).toBe(400);
      expect(api.ledger.calls).toEqual([]);
    },
  );

  it('answers 404 elsewhere', async () => {
    const api = await start();
    expect((await fetch(api.url)).status).toBe(404);
    expect((await fetch(new URL('/other', api.url), { method: 'POST' })).status).toBe(404);
  });

  it('keeps connections alive', async () => {
    const api = await start({ limit: 10 });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const reused: boolean[] = [];
    for (const id of ['1', '2', '3']) {
      const request = httpRequest(api.url, { method: 'POST', agent }).end(call(id));
      const [response] = await once(request, 'response');
      await text(response);
      reused.push(request.reusedSocket);
    }
    agent.destroy();
    expect(reused).toEqual([false, true, true]);
  });

  it('closes kept connections when it stops', async () => {
    const api = await start();
    await post(api, call('1'));
    await api.stop();
    await api.stop();
    await expect(post(api, call('2'))).rejects.toThrow('fetch failed');
  });
});

import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../contract/index.ts';
import { authenticate, keyOf, makeLogger, makeQueuedClient, payload, post } from './routes.fixture.ts';
import { sendRoute } from './send-route.ts';
import { statusRoute } from './status-route.ts';

/** A function that makes a client, after as many failures. */
function makeLazily(failures = 0) {
  const { client, queue } = makeQueuedClient();
  let calls = 0;
  const lazily = async () => {
    calls += 1;
    if (calls <= failures)
      throw new ConfigurationError(['SQS_RATE_LIMITER_QUEUE: expected a URL, found nothing']);
    return client;
  };
  return { lazily, queue, calls: () => calls };
}

const get = () => new Request('http://localhost/', { headers: { authorization: 'Bearer anna' } });

describe('a route whose client is a function', () => {
  it('makes the client with the first request that needs it, and once', async () => {
    const { lazily, queue, calls } = makeLazily();
    const route = sendRoute({ client: lazily, authenticate, keyOf });
    await route(new Request('http://localhost/', { method: 'POST' }));
    expect(calls()).toBe(0);

    const responses = await Promise.all([route(post({ payload })), route(post({ payload }))]);

    expect(responses.map(({ status }) => status)).toEqual([202, 202]);
    expect([calls(), queue.messages().length]).toEqual([1, 2]);
  });

  it('answers 503 while there is none, logs every problem, and asks again', async () => {
    const { lazily, calls } = makeLazily(1);
    const { lines, logger } = makeLogger();
    const route = statusRoute({ client: lazily, authenticate, logger });

    const statuses = [(await route(get())).status, (await route(get())).status, (await route(get())).status];

    expect([statuses, calls()]).toEqual([[503, 200, 200], 2]);
    expect(JSON.stringify(lines)).toContain('SQS_RATE_LIMITER_QUEUE: expected a URL, found nothing');
  });
});

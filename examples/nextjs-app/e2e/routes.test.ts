import { startSqs, until } from '@huntaze/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type App } from './app.fixture.ts';
import { signInOverHttp, type Session } from './session.fixture.ts';

let app: App;
let session: Session;
let stopSqs: () => Promise<void>;

beforeAll(async () => {
  const sqs = await startSqs();
  stopSqs = () => sqs.stop();
  const queue = await sqs.createQueue({ name: 'messages', visibilitySeconds: 30 });
  app = await startApp({
    SQS_RATE_LIMITER_QUEUE: queue.queueUrl,
    SQS_RATE_LIMITER_DLQ: queue.deadLetterQueueUrl,
    AWS_REGION: sqs.region,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    CRON_SECRET: 'a-secret',
  });
  session = await signInOverHttp(app.url, 'alice');
});
afterAll(async () => {
  await app?.stop();
  await stopSqs?.();
});

const payload = { recipientId: 'fan-1', content: 'Hello!' };
const post = (body: unknown, headers: Record<string, string> = { cookie: session.cookie }) =>
  fetch(`${app.url}/api/onlyfans/messages/send`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
const status = (headers: Record<string, string>) =>
  fetch(`${app.url}/api/onlyfans/messages/status`, { headers });

/** What has let requests past the middleware of some version of Next.js. Here no access depends on one. */
const bypasses: readonly Record<string, string>[] = [
  { 'x-middleware-subrequest': 'middleware' },
  { 'x-middleware-subrequest': 'src/middleware:src/middleware:src/middleware:src/middleware:src/middleware' },
  { 'x-middleware-subrequest': 'middleware:middleware:middleware:middleware:middleware' },
  { 'x-middleware-next': '1', 'x-middleware-rewrite': '/' },
  { 'x-nextjs-data': '1', 'next-action': 'x', rsc: '1' },
];

describe('POST /api/onlyfans/messages/send', () => {
  it('answers 202 with the id of a queued message', async () => {
    const response = await post({ payload, priority: 'high' });

    expect(response.status).toBe(202);
    expect(await response.json()).toEqual({
      outcome: 'queued',
      messageId: expect.stringMatching(/^[\da-f-]{36}$/),
    });
  });

  it('takes an Idempotency-Key for the id', async () => {
    const response = await post({ payload }, { cookie: session.cookie, 'idempotency-key': 'mine-1' });

    expect(await response.json()).toEqual({ outcome: 'queued', messageId: 'mine-1' });
  });

  it('answers 400 with every problem and none of the content', async () => {
    const response = await post({ payload: { recipientId: '', content: 'secret', extra: 'secret' } });

    expect(response.status).toBe(400);
    const text = await response.text();
    expect(text).toContain('recipientId');
    expect(text).not.toContain('secret');
  });

  it('answers 401 without a session, or with a forged one', async () => {
    const [name = ''] = session.cookie.split('=');
    expect((await post({ payload }, {})).status).toBe(401);
    expect((await post({ payload }, { cookie: `${name}=forged` })).status).toBe(401);
  });

  it.each(bypasses)('answers 401 to a request that wants to get past the middleware: %o', async (headers) => {
    expect((await post({ payload }, headers)).status).toBe(401);
  });

  it('answers 403 to a message in the name of another account', async () => {
    expect((await post({ payload, key: 'bob' })).status).toBe(403);
  });

  it('answers 413 to a body that is too large, announced or not', async () => {
    const large = { payload: { ...payload, content: 'x'.repeat(300_000) } };
    expect((await post(large)).status).toBe(413);
    const streamed = await fetch(`${app.url}/api/onlyfans/messages/send`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie: session.cookie },
      body: new Blob([JSON.stringify(large)]).stream(),
      duplex: 'half',
    } as RequestInit);
    expect(streamed.status).toBe(413);
  });

  it('answers 415 to a form, which another site could send', async () => {
    const response = await post({ payload }, { cookie: session.cookie, 'content-type': 'text/plain' });
    expect(response.status).toBe(415);
  });
});

describe('GET /api/onlyfans/messages/status', () => {
  it('tells how the queue stands', async () => {
    const response = await status({ cookie: session.cookie });

    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      queue: { waiting: expect.any(Number) },
      deadLetters: { waiting: 0 },
    });
  });

  it.each([{}, ...bypasses])('answers 401 without a session: %o', async (headers) => {
    expect((await status(headers)).status).toBe(401);
  });
});

describe('GET /api/onlyfans/messages/replay', () => {
  const replay = (headers: Record<string, string>) =>
    fetch(`${app.url}/api/onlyfans/messages/replay`, { headers });

  it.each([{}, { authorization: 'Bearer wrong' }, { authorization: 'a-secret' }, ...bypasses])(
    'answers 401 without the secret: %o',
    async (headers) => {
      expect((await replay(headers)).status).toBe(401);
    },
  );
});

describe('without SQS and without a fallback store', () => {
  it('sending answers 503, says when to come back, and tells nothing of the inside', async () => {
    await stopSqs();

    const response = await post({ payload });

    expect(response.status).toBe(503);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    const text = await response.text();
    expect(text).toContain('messageId');
    expect(text).not.toMatch(/ECONN|127\.0\.0\.1|sqs/i);
  });

  it('the status still answers, and says what cannot be read', async () => {
    // What was read a moment ago is given out again.
    const queue = await until('a queue that cannot be read', async () => {
      const response = await status({ cookie: session.cookie });
      expect(response.status).toBe(200);
      const answer = (await response.json()) as { queue: object };
      return 'unavailable' in answer.queue && answer.queue;
    });

    expect(queue).toEqual({ unavailable: true });
  });
});

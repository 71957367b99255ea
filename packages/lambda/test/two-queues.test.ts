import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { describe, expect, it } from 'vitest';
import { memoryLimiter } from '../src/limiter/memory/memory-limiter.ts';
import { slidingWindow } from '../src/limiter/limits/limit.ts';
import { makeHandler } from '../src/testing/make-handler.ts';
import { listing, record, sqsEvent, type RecordOverrides } from '../src/testing/records.ts';

const arnOf = (queue: string) => `arn:aws:sqs:eu-west-1:123456789012:${queue}`;
const of = (queue: string, id: string, overrides: RecordOverrides = {}) =>
  record({ messageId: id, eventSourceARN: arnOf(queue), ...overrides });
const limits = [slidingWindow({ limit: 2, windowMs: 60_000 })];

/** A service with a handler of its own, on a limiter that it shares. */
function service(options: { readonly upstream?: string } = {}) {
  const clock = fakeClock();
  const limiter = memoryLimiter({ clock, ...options });
  return { clock, make: () => makeHandler({ clock, limiter, limits, inlineHoldMs: 0 }) };
}

describe('two queues with equal ids and one key', () => {
  it('have all their messages delivered, each under its own limit, without an upstream', async () => {
    const { make } = service();
    const [email, sms] = [make(), make()];

    expect(await email.handler(sqsEvent(of('email', 'a'), of('email', 'b')))).toEqual(listing());
    expect(await sms.handler(sqsEvent(of('sms', 'a'), of('sms', 'b')))).toEqual(listing());

    expect([email.calls, sms.calls].map((calls) => calls.map(({ id }) => id))).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
  });

  it('share one budget of an upstream that is named, and lose nothing', async () => {
    const { clock, make } = service({ upstream: 'onlyfans' });
    const [email, sms] = [make(), make()];

    expect(await email.handler(sqsEvent(of('email', 'a')))).toEqual(listing());
    expect(await sms.handler(sqsEvent(of('sms', 'a'), of('sms', 'b')))).toEqual(listing('b'));
    await clock.advance(61_000);
    expect(await sms.handler(sqsEvent(of('sms', 'b')))).toEqual(listing());
    expect(await sms.handler(sqsEvent(of('sms', 'a', { receives: 2 })))).toEqual(listing());

    expect(email.calls.map(({ id }) => id)).toEqual(['a']);
    expect(sms.calls.map(({ id }) => id)).toEqual(['a', 'b']);
  });

  it('give deliver different idempotency keys, the same for each attempt', async () => {
    const keys: string[] = [];
    const { handler } = makeHandler({
      deliver: async (_, { idempotencyKey }) => {
        keys.push(idempotencyKey);
        throw new Error('no');
      },
    });

    for (const queue of ['email', 'sms', 'email']) await handler(sqsEvent(of(queue, 'a')));

    expect(keys[0]).toMatch(/^[\w-]{8}:account-1:a$/);
    expect(new Set(keys.slice(0, 2)).size).toBe(2);
    expect(keys[2]).toBe(keys[0]);
  });
});

it('a function and a worker of one queue agree which it is', async () => {
  const { make } = service();
  const { handler, calls } = make();
  const worker = { getRemainingTimeInMillis: () => Number.POSITIVE_INFINITY };
  const queueUrl = 'https://vpce-1.sqs.eu-west-1.vpce.amazonaws.com/123456789012/messages';

  await handler(sqsEvent(record()));
  await handler(sqsEvent(record({ eventSourceARN: '' })), { ...worker, queueUrl });

  expect(calls).toHaveLength(1);
});

it('a batch with records of two queues is left where it is, and the log says why', async () => {
  const { handler, calls, logs } = makeHandler();

  expect(await handler(sqsEvent(of('email', 'a'), of('sms', 'b')))).toEqual(listing('a', 'b'));

  expect(calls).toEqual([]);
  expect(logs[0]?.fields['cause']).toBe('expected the records of one queue, found those of 2');
});

describe('a limiter that names no upstream', () => {
  const warnings = async (upstream: { readonly upstream?: string }, queues: readonly string[]) => {
    const { make } = service(upstream);
    const handlers = [make(), make()];
    for (const [index, queue] of queues.entries())
      await handlers[index % 2]!.handler(sqsEvent(of(queue, `m-${index}`)));
    return handlers.flatMap(({ logs }) => logs.filter(({ level }) => level === 'warn'));
  };

  it('has its host warned once when it serves two queues', async () => {
    expect(await warnings({}, ['email', 'sms', 'email', 'push', 'sms'])).toEqual([
      {
        level: 'warn',
        fields: { queues: ['eu-west-1/123456789012/email', 'eu-west-1/123456789012/sms'] },
        message:
          'two queues have a budget of their own per key: name the upstream of the limiter if they lead to one',
      },
    ]);
  });

  it('is no matter for warnings with one queue, or when it does', async () => {
    expect(await warnings({}, ['email', 'email'])).toEqual([]);
    expect(await warnings({ upstream: 'onlyfans' }, ['email', 'sms'])).toEqual([]);
  });
});

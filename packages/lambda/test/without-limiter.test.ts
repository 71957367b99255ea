import { LimiterUnavailableError } from '@huntaze/rate-limiter-client/contract';
import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { describe, expect, it } from 'vitest';
import type { Limiter } from '../src/limiter/limiter.ts';
import { slidingWindow } from '../src/limiter/limits/limit.ts';
import { memoryLimiter } from '../src/limiter/memory/memory-limiter.ts';
import { makeHandler } from '../src/testing/make-handler.ts';
import { listing, record, records, sqsEvent } from '../src/testing/records.ts';
import { granted, scriptedLimiter } from '../src/testing/scripted-limiter.ts';

const down = () => new LimiterUnavailableError('expected Redis to answer admit, found: no answer');

const silent: Limiter = { admit: async () => [], settle: async () => [], renew: async () => [] };

describe('without a limiter', () => {
  it('everything is parked and listed, and nothing delivered', async () => {
    const { handler, sqs, calls } = makeHandler({ admissions: [down()] });

    const response = await handler(sqsEvent(...records(2)));

    expect(response).toEqual(listing('m-1', 'm-2'));
    expect(calls).toEqual([]);
    expect(sqs.parked).toEqual([
      { messageId: 'm-1', visibilitySeconds: 4 },
      { messageId: 'm-2', visibilitySeconds: 4 },
    ]);
  });

  it('messages stay away as long as this process has known of the outage, up to five minutes', async () => {
    const clock = fakeClock();
    const { handler, sqs } = makeHandler({
      clock,
      limiter: { ...silent, admit: () => Promise.reject(down()) },
      random: { next: () => 0 },
    });

    for (const waitMs of [5_000, 5_000, 10_000, 20_000, 240_000, 300_000]) {
      await handler(sqsEvent(record()));
      await clock.advance(waitMs);
    }

    expect(sqs.parked.map(({ visibilitySeconds }) => visibilitySeconds)).toEqual([5, 5, 10, 20, 40, 280]);
    await handler(sqsEvent(record()));
    expect(sqs.parked.at(-1)?.visibilitySeconds).toBe(300);
  });

  it('a message stays away no longer for what it has waited before', async () => {
    const { handler, sqs } = makeHandler({ admissions: [down()], random: { next: () => 0 } });

    await handler(sqsEvent(record({ receives: 9 })));

    expect(sqs.parked).toEqual([{ messageId: 'm-1', visibilitySeconds: 5 }]);
  });

  it('an outage that is over does not make the next one longer', async () => {
    const clock = fakeClock();
    let up = false;
    const limiter = scriptedLimiter({ nowMs: clock.nowMs });
    const { handler, sqs } = makeHandler({
      clock,
      limiter: { ...limiter, admit: (request) => (up ? limiter.admit(request) : Promise.reject(down())) },
      random: { next: () => 0 },
    });
    for (up of [false, false, true, false]) {
      await handler(sqsEvent(record()));
      await clock.advance(60_000);
    }

    expect(sqs.parked.map(({ visibilitySeconds }) => visibilitySeconds)).toEqual([5, 60, 5]);
  });

  it('says so in one log line per batch, whatever the number of keys and questions', async () => {
    const { handler, logs } = makeHandler({
      concurrency: 2,
      limiter: { ...silent, admit: () => Promise.reject(down()) },
    });
    const keys = ['A', 'B', 'C', 'D', 'E'];

    await handler(sqsEvent(...keys.map((key) => record({ messageId: key, message: { key } }))));

    expect(logs.filter(({ level }) => level === 'error')).toEqual([
      {
        level: 'error',
        fields: { messages: 5, error: down().message },
        message: 'the limiter is unavailable: messages are parked',
      },
    ]);
  });

  it('says so in one log line for a FIFO queue too, whose messages are asked about one by one', async () => {
    const { handler, logs } = makeHandler({ admissions: [down(), down()] });
    const ordered = (messageId: string) =>
      record({ messageId, group: messageId, eventSourceARN: `${record().eventSourceARN}.fifo` });

    await handler(sqsEvent(ordered('m-1'), ordered('m-2')));

    expect(logs.filter(({ level }) => level === 'error')).toMatchObject([{ fields: { messages: 2 } }]);
  });

  it('keys that it still answers for are served', async () => {
    const { handler, calls } = makeHandler({ admissions: [down(), granted()] });
    const of = (messageId: string, key: string) => record({ messageId, message: { key } });

    expect(await handler(sqsEvent(of('a', 'A'), of('b', 'B')))).toEqual(listing('a'));
    expect(calls.map(({ id }) => id)).toEqual(['b']);
  });

  it.each([undefined, 'text', new TypeError('not an outage')])(
    'nothing depends on what it throws: %s',
    async (thrown) => {
      const { handler } = makeHandler({ limiter: { ...silent, admit: () => Promise.reject(thrown) } });

      expect(await handler(sqsEvent(record()))).toEqual(listing('m-1'));
    },
  );

  it('messages are counted', async () => {
    const { handler, measured } = makeHandler({ admissions: [down()] });
    await handler(sqsEvent(...records(3)));
    expect(measured).toContainEqual({ name: 'LimiterUnavailable', value: 3 });
  });
});

it('with a local share, this process delivers alone after a lease and a window, and says so once per batch', async () => {
  const clock = fakeClock();
  const { handler, calls, logs, measured, sqs } = makeHandler({
    clock,
    leaseMs: 1_000,
    marginMs: 0,
    limits: [slidingWindow({ limit: 10, windowMs: 5_000 })],
    limiter: { ...silent, admit: () => Promise.reject(down()) },
    onLimiterUnavailable: { localShare: 0.2 },
    inlineHoldMs: 0,
  });

  // Asked again and again, lest nobody knows whether it was silent all the time.
  for (let passedMs = 0; passedMs < 6_000; passedMs += 1_000) {
    expect(await handler(sqsEvent(...records(1)))).toEqual(listing('m-1'));
    await clock.advance(1_000);
  }
  logs.length = 0;
  expect(await handler(sqsEvent(...records(3)))).toEqual(listing('m-3'));

  expect(calls.map(({ id }) => id)).toEqual(['m-1', 'm-2']);
  // The third waits for its place in the share.
  expect(sqs.parked.at(-1)).toEqual({ messageId: 'm-3', visibilitySeconds: 5 });
  expect(logs.filter(({ level }) => level !== 'info')).toEqual([
    {
      level: 'error',
      fields: { messages: 3, error: down().message },
      message: 'the limiter is unavailable: this process admits its share alone',
    },
  ]);
  expect(measured.filter(({ name }) => name === 'LocalAdmissions')).toHaveLength(2);
});

it('with a local share, a message that waits alone comes back often enough to see the silence, and not much oftener', async () => {
  const clock = fakeClock();
  const { handler, calls, sqs } = makeHandler({
    clock,
    limiter: { ...silent, admit: () => Promise.reject(down()) },
    onLimiterUnavailable: { localShare: 0.2 },
  });

  let receives = 0;
  while (calls.length === 0 && receives < 100) {
    await handler(sqsEvent(record({ receives: ++receives })));
    // SQS, a poll and a cold start may each take a second.
    await clock.advance((sqs.parked.at(-1)?.visibilitySeconds ?? 0) * 1_000 + 3_000);
  }

  // A lease and a window are 120 s.
  expect(clock.monotonicMs()).toBeLessThan(140_000);
  expect(receives).toBeLessThan(20);
});

it.each([
  ['too few answers', []],
  ['an unknown answer', [{ kind: 'perhaps' }]],
  ['no answer at all', undefined],
])('parks the messages of a call that gets %s, and lets the others end', async (_, answers) => {
  const clock = fakeClock();
  const healthy = memoryLimiter({ clock, coldStart: 'full' });
  const odd: Limiter = {
    ...healthy,
    admit: async (request) => (request.key === 'odd' ? (answers as never) : await healthy.admit(request)),
  };
  let end = () => {};
  const { handler, calls } = makeHandler({
    clock,
    limiter: odd,
    deliver: () => new Promise<void>((resolve) => (end = resolve)),
  });

  const response = handler(
    sqsEvent(
      record({ messageId: 'm-odd', message: { id: 'm-odd', key: 'odd' } }),
      record({ messageId: 'm-good', message: { id: 'm-good', key: 'good' } }),
    ),
  );
  await clock.advance(50);
  end();

  expect(await response).toEqual(listing('m-odd'));
  expect(calls.map(({ id }) => id)).toEqual(['m-good']);
});

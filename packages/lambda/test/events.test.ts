import { PermanentError, RetryAfterError } from '@huntaze/rate-limiter-client/contract';
import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { describe, expect, it } from 'vitest';
import type { HandlerEvent } from '../src/telemetry/handler-events.ts';
import { makeHandler } from '../src/testing/make-handler.ts';
import { ENQUEUED_AT_MS, lambdaContext, listing, record, sqsEvent } from '../src/testing/records.ts';
import { busy, takenOver, wait } from '../src/testing/scripted-limiter.ts';

const subject = { key: 'account-1', messageId: 'm-1' };

/** A handler whose events are written down. */
function observed(overrides: Parameters<typeof makeHandler>[0] = {}) {
  const events: HandlerEvent[] = [];
  return { events, ...makeHandler({ ...overrides, onEvent: (event) => events.push(event) }) };
}

describe('events', () => {
  it('tell of a delivery and how long it took since the client accepted it', async () => {
    const { handler, events, clock } = observed({ admissions: [takenOver(3)] });

    await handler(sqsEvent(record()));

    expect(events).toEqual([
      { kind: 'admitted', ...subject, attempt: 3, takeover: true },
      { kind: 'delivered', ...subject, attempt: 3, latencyMs: clock.nowMs() - ENQUEUED_AT_MS },
    ]);
  });

  it.each([
    ['wait', wait],
    ['another claim', busy],
  ])('tell of a hold and a park, for a %s', async (_, answer) => {
    const clock = fakeClock();
    const soonMs = clock.nowMs() + 500;
    const laterMs = clock.nowMs() + 60_000;
    const { handler, events } = observed({ clock, admissions: [answer(soonMs), answer(laterMs)] });

    const response = handler(sqsEvent(record()), lambdaContext(clock));
    await clock.advance(500);
    await response;

    expect(events).toEqual([
      { kind: 'held', ...subject, dueAtMs: soonMs },
      { kind: 'parked', ...subject, dueAtMs: laterMs },
    ]);
  });

  it.each<[string, unknown, object]>([
    ['a retry', new RangeError('no'), { kind: 'retried', attempt: 1, errorName: 'RangeError', afterMs: 500 }],
    ['silence', new RetryAfterError({ retryAfterMs: 7_000 }), { kind: 'throttled', holdMs: 7_000 }],
    ['a dead letter', new PermanentError('gone'), { kind: 'dead', reason: 'gone', attempts: 1 }],
  ])('tell of %s', async (_, error, told) => {
    const { handler, events } = observed({ deliver: () => Promise.reject(error) });

    await handler(sqsEvent(record()));

    const [first, ...others] = events.filter(({ kind }) => kind !== 'parked');
    expect(first).toMatchObject({ kind: 'admitted' });
    expect(others).toEqual([{ ...subject, ...told }]);
  });

  it('tell of one end alone when the silence outlasts the queue', async () => {
    const { handler, events } = observed({
      retentionMs: 60_000,
      deliver: () => Promise.reject(new RetryAfterError({ retryAfterMs: 7_000 })),
    });

    await handler(sqsEvent(record()));

    expect(events.slice(1)).toEqual([
      { kind: 'dead', ...subject, reason: 'waits-beyond-retention', attempts: 0 },
    ]);
  });

  it('tell of an unreadable body, and not of a dead letter that was not sent', async () => {
    const unreadable = sqsEvent(record({ body: 'not ours' }));
    const sound = observed();
    const broken = observed({
      sqsFaults: {
        bury() {
          throw new Error('no');
        },
      },
    });

    await sound.handler(unreadable);
    await broken.handler(unreadable);

    expect(sound.events).toEqual([{ kind: 'unreadable', sqsMessageId: 'm-1', reason: 'malformed-body' }]);
    expect(broken.events).toEqual([]);
  });

  it('tell of an unavailable limiter, per question', async () => {
    const { handler, events } = observed({ admissions: [new Error('no answer')] });

    await handler(sqsEvent(record(), record({ messageId: 'm-2' })));

    expect(events.filter(({ kind }) => kind !== 'parked')).toEqual([
      { kind: 'limiter-unavailable', key: 'account-1', messages: 2 },
    ]);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('no disk space');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no disk space'))],
  ])('harm nobody when their listener %s', async (_, onEvent) => {
    const { handler, calls } = makeHandler({ onEvent });

    expect(await handler(sqsEvent(record()))).toEqual(listing());
    expect(calls).toHaveLength(1);
  });
});

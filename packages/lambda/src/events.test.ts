import {
  PermanentError,
  RetryAfterError,
  type TraceContext,
  type Tracer,
} from '@huntaze/rate-limiter-client/contract';
import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { describe, expect, it } from 'vitest';
import type { HandlerEvent } from './events.ts';
import { makeHandler } from './testing/make-handler.ts';
import { ENQUEUED_AT_MS, lambdaContext, listing, record, sqsEvent } from './testing/records.ts';
import { busy, granted, takenOver, wait } from './testing/scripted-limiter.ts';

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
    ['silence', new RetryAfterError({ retryAfterMs: 7_000 }), { kind: 'silenced', holdMs: 7_000 }],
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

describe('measurements of waiting', () => {
  it('count holds and parks, and tell how exactly a held message was admitted', async () => {
    const clock = fakeClock();
    const { handler, measured } = makeHandler({
      clock,
      admissions: (nowMs) => [wait(nowMs + 500), wait(nowMs + 60_000), granted()],
    });

    const response = handler(sqsEvent(record(), record({ messageId: 'm-2' })), lambdaContext(clock));
    await clock.advance(500);
    await response;

    const waiting = new Set(['HeldMessages', 'ParkedMessages', 'DueTimeError']);
    expect(measured.filter(({ name }) => waiting.has(name))).toEqual([
      { name: 'HeldMessages', value: 1 },
      { name: 'ParkedMessages', value: 1 },
      { name: 'DueTimeError', value: 0 },
    ]);
  });

  it('tell how long the limiter took, also when it failed', async () => {
    const clock = fakeClock();
    const { limiter } = makeHandler({ clock });
    const { handler, measured } = makeHandler({
      clock,
      limiter: {
        ...limiter,
        async admit() {
          await clock.sleep(70);
          throw new Error('no answer');
        },
      },
    });

    const response = handler(sqsEvent(record()));
    await clock.advance(70);
    await response;

    expect(measured).toEqual([
      { name: 'LimiterLatency', value: 70 },
      { name: 'LimiterUnavailable', value: 1 },
      { name: 'ParkedMessages', value: 1 },
    ]);
  });
});

describe('a tracer', () => {
  /** Writes spans down; each has a context of its own. */
  function tracing() {
    const spans: { name: string; parent: TraceContext | undefined; error: unknown; ended: boolean }[] = [];
    const tracer = {
      startSpan(name: string, parent?: TraceContext) {
        const span = { name, parent, error: undefined as unknown, ended: false };
        spans.push(span);
        const end = (error?: unknown) => void Object.assign(span, { error, ended: true });
        return { context: { traceparent: 'of the span' }, end };
      },
    };
    return { spans, tracer };
  }

  it('gets a span per delivery, with the trace of the message', async () => {
    const { spans, tracer } = tracing();
    const contexts: unknown[] = [];
    const { handler } = makeHandler({
      tracer,
      admissions: (nowMs) => [granted(), granted(), wait(nowMs + 60_000)],
      deliver: async (_, { traceContext }) => void contexts.push(traceContext),
    });
    const traced = record({ message: { traceparent: 'of the sender', tracestate: 'vendor=1' } });

    await handler(sqsEvent(traced, record({ messageId: 'm-2' }), record({ messageId: 'm-3' })));

    expect(spans).toEqual([
      {
        name: 'rate-limiter.deliver',
        parent: { traceparent: 'of the sender', tracestate: 'vendor=1' },
        error: undefined,
        ended: true,
      },
      { name: 'rate-limiter.deliver', parent: undefined, error: undefined, ended: true },
    ]);
    expect(contexts).toEqual([{ traceparent: 'of the span' }, { traceparent: 'of the span' }]);
  });

  it('learns which message and which attempt a span is about', async () => {
    const told: unknown[] = [];
    const tracer: Tracer = {
      startSpan(_, __, attributes) {
        told.push(attributes);
        return { context: undefined, end: () => {} };
      },
    };
    const { handler } = makeHandler({ tracer, admissions: [granted(3)] });

    await handler(sqsEvent(record({ messageId: 'm-1' })));

    expect(told).toEqual([{ messageId: 'm-1', attempt: 3 }]);
  });

  it('runs each delivery inside its span', async () => {
    let active = 'none';
    const seen: string[] = [];
    const tracer: Tracer = {
      startSpan: (name) => ({
        context: undefined,
        end: () => {},
        async run(work) {
          active = name;
          const result = work();
          active = 'none';
          return await result;
        },
      }),
    };
    const { handler } = makeHandler({ tracer, deliver: async () => seen.push(active) });

    await handler(sqsEvent(record()));

    expect([...seen, active]).toEqual(['rate-limiter.deliver', 'none']);
  });

  it('learns that a delivery failed, and not what its error says', async () => {
    const { spans, tracer } = tracing();
    const { handler } = makeHandler({ tracer, deliver: () => Promise.reject(new Error('with content')) });

    await handler(sqsEvent(record()));

    expect(spans[0]).toMatchObject({ ended: true, error: new Error('not delivered: retry') });
  });
});

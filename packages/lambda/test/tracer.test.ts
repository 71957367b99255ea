import type { TraceContext, Tracer } from '@huntaze/rate-limiter-client/contract';
import { describe, expect, it } from 'vitest';
import { makeHandler } from '../src/testing/make-handler.ts';
import { record, sqsEvent } from '../src/testing/records.ts';
import { granted, wait } from '../src/testing/scripted-limiter.ts';

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

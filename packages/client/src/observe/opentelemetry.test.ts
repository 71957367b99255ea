import { context, INVALID_SPAN_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  AlwaysOffSampler,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
  type TracerProviderOptions,
} from '@opentelemetry/sdk-trace';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRateLimiterClient } from '../client.ts';
import { parseMessage, PayloadError, type TraceContext } from '../contract/index.ts';
import { openTelemetryTracer } from './opentelemetry.ts';

const queue = 'https://sqs.eu-west-1.amazonaws.com/123456789012/messages';
const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const SPAN_ID = 'b7ad6b7169203331';

/** A tracer over the real SDK, and the spans that ended. */
function makeTracer(options: TracerProviderOptions = {}) {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
    ...options,
  });
  const otel = provider.getTracer('a host');
  return {
    tracer: openTelemetryTracer({ queue, tracer: otel }),
    otel,
    ended: () => exporter.getFinishedSpans(),
  };
}

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
});
afterAll(() => {
  context.disable();
});

describe('the span of a message that is sent', () => {
  it('is a producer, a child of what is active, and travels as trace context', async () => {
    const { tracer, otel, ended } = makeTracer();
    const request = otel.startSpan('POST /messages');

    const span = context.with(trace.setSpan(context.active(), request), () =>
      tracer.startSpan('rate-limiter.send', undefined, { messageId: 'm-1' }),
    );
    span.end();

    const [sent] = ended();
    expect(sent).toMatchObject({
      name: 'send messages',
      kind: SpanKind.PRODUCER,
      parentSpanContext: { spanId: request.spanContext().spanId },
      links: [],
      status: { code: SpanStatusCode.UNSET },
      attributes: {
        'messaging.system': 'aws_sqs',
        'messaging.operation.name': 'send',
        'messaging.operation.type': 'send',
        'messaging.destination.name': 'messages',
        'messaging.message.id': 'm-1',
      },
    });
    const { traceId, spanId } = sent?.spanContext() ?? INVALID_SPAN_CONTEXT;
    expect(span.context).toEqual({ traceparent: `00-${traceId}-${spanId}-01` });
  });

  it('says that it was not sampled, so that the other side need not sample it either', () => {
    const { tracer } = makeTracer({ sampler: new AlwaysOffSampler() });

    expect(tracer.startSpan('rate-limiter.send').context?.traceparent).toMatch(/-00$/);
  });

  it('fails with the error of the message, without its cause', () => {
    const { tracer, ended } = makeTracer();
    const problems = [{ path: 'payload', message: 'expected text, found a number' }];

    tracer.startSpan('rate-limiter.send').end(new PayloadError(problems, new Error('secret')));

    expect(ended()[0]).toMatchObject({
      status: { code: SpanStatusCode.ERROR, message: 'payload: expected text, found a number' },
      attributes: { 'error.type': 'PayloadError' },
      events: [],
    });
  });
});

describe('the span of a delivery', () => {
  it('is a consumer in a trace of its own, linked to the span that sent the message', () => {
    const sender = makeTracer();
    const sent = sender.tracer.startSpan('rate-limiter.send');
    sent.end();
    const { tracer, ended } = makeTracer();

    tracer.startSpan('rate-limiter.deliver', sent.context, { messageId: 'm-1', attempt: 2 }).end();

    const [delivered] = ended();
    const { traceId, spanId, traceFlags } = sender.ended()[0]?.spanContext() ?? INVALID_SPAN_CONTEXT;
    expect(delivered).toMatchObject({
      name: 'process messages',
      kind: SpanKind.CONSUMER,
      links: [{ context: { traceId, spanId, traceFlags, isRemote: true } }],
      attributes: {
        'messaging.operation.name': 'process',
        'messaging.operation.type': 'process',
        'messaging.message.id': 'm-1',
        'huntaze.rate_limiter.attempt': 2,
      },
    });
    expect(delivered?.parentSpanContext).toBeUndefined();
    expect(delivered?.spanContext().traceId).not.toBe(traceId);
  });

  it('is active while the work runs, also after it waited, and not afterwards', async () => {
    const { tracer, otel, ended } = makeTracer();
    const span = tracer.startSpan('rate-limiter.deliver');

    await span.run?.(async () => {
      await Promise.resolve();
      otel.startSpan('POST upstream').end();
    });
    otel.startSpan('later').end();
    span.end();

    const [upstream, later, delivery] = ended();
    expect(upstream?.parentSpanContext?.spanId).toBe(delivery?.spanContext().spanId);
    expect(later?.parentSpanContext).toBeUndefined();
  });

  it('keeps what vendors wrote into the trace state', () => {
    const { tracer, ended } = makeTracer();
    const sender = { traceparent: `00-${TRACE_ID}-${SPAN_ID}-01`, tracestate: 'vendor=1,other=2' };

    tracer.startSpan('rate-limiter.deliver', sender).end();

    expect(ended()[0]?.links[0]?.context.traceState?.serialize()).toBe('vendor=1,other=2');
  });

  it.each<[string, TraceContext | undefined, number]>([
    ['a version of the future', { traceparent: `cc-${TRACE_ID}-${SPAN_ID}-01-more` }, 1],
    ['nothing', undefined, 0],
    ['other text', { traceparent: 'of the sender' }, 0],
    ['a version that is none', { traceparent: `ff-${TRACE_ID}-${SPAN_ID}-01` }, 0],
    ['capitals', { traceparent: `00-${TRACE_ID.toUpperCase()}-${SPAN_ID}-01` }, 0],
    ['ids of zeros', { traceparent: `00-${'0'.repeat(32)}-${SPAN_ID}-01` }, 0],
    ['hostile state', { traceparent: `00-${TRACE_ID}-${SPAN_ID}-01`, tracestate: '\n,=,=;' }, 1],
  ])('reads %s without harm', (_, sender, links) => {
    const { tracer, ended } = makeTracer();

    tracer.startSpan('rate-limiter.deliver', sender).end();

    expect(ended()[0]?.links).toHaveLength(links);
  });
});

describe('a message on its way through the queue', () => {
  it('brings the context of its own span, although a batch has many', async () => {
    const bodies: string[] = [];
    const { tracer, ended } = makeTracer();
    const send = async ({ input }: { readonly input: object }) => {
      const { Entries } = input as { Entries: readonly { Id: string; MessageBody: string }[] };
      bodies.push(...Entries.map(({ MessageBody }) => MessageBody));
      return { Successful: Entries.map(({ Id }) => ({ Id })) };
    };
    const client = createRateLimiterClient({ queueUrl: queue, sqs: { send }, tracer });
    await client.batch(['m-1', 'm-2'].map((id) => ({ key: 'k', id, payload: null })));
    await client.close();
    const sent = new Map(
      ended().map((span) => [span.attributes['messaging.message.id'], span.spanContext()]),
    );

    for (const body of bodies) {
      const parsed = parseMessage(body);
      if (parsed.kind !== 'message') throw new Error(`expected a message, found ${parsed.kind}`);
      const { id, traceparent = '' } = parsed.message;
      tracer.startSpan('rate-limiter.deliver', { traceparent }, { messageId: id, attempt: 1 }).end();
    }

    const deliveries = ended().filter(({ kind }) => kind === SpanKind.CONSUMER);
    expect(deliveries.map(({ attributes }) => attributes['messaging.message.id'])).toEqual(['m-1', 'm-2']);
    for (const { attributes, links } of deliveries) {
      const { traceId, spanId } = sent.get(attributes['messaging.message.id']) ?? INVALID_SPAN_CONTEXT;
      expect(links).toMatchObject([{ context: { traceId, spanId } }]);
    }
  });
});

describe('a host without an SDK', () => {
  it('gets spans that are nothing and contexts that are none', async () => {
    const span = openTelemetryTracer().startSpan('rate-limiter.send');

    expect(span.context).toBeUndefined();
    expect(await span.run?.(async () => 'done')).toBe('done');
    expect(() => span.end(new Error('failed'))).not.toThrow();
  });
});

describe('the options', () => {
  it('are checked', () => {
    expect(() => openTelemetryTracer({ queue: '' })).toThrow('queue: expected the name, URL or ARN');
  });
});

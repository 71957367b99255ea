import {
  SendMessageBatchCommand,
  type ChangeMessageVisibilityBatchCommand,
  type GetQueueAttributesCommand,
  type SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { createRateLimiterClient } from '@huntaze/rate-limiter-client';
import { openTelemetryTracer } from '@huntaze/rate-limiter-client/opentelemetry';
import { createHandler, memoryLimiter, perMinute } from '@huntaze/rate-limiter-lambda';
import { context, SpanKind, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterAll, beforeAll, expect, it } from 'vitest';

const queueUrl = 'https://sqs.eu-west-1.amazonaws.com/123456789012/messages';

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
});
afterAll(() => {
  context.disable();
});

/** A process with an OpenTelemetry SDK of its own, and the spans that ended in it. */
function makeProcess() {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  const otel = provider.getTracer('a host');
  return {
    otel,
    tracer: openTelemetryTracer({ queue: queueUrl, tracer: otel }),
    ended: () => exporter.getFinishedSpans(),
  };
}

/** An SQS that takes everything, and what it was given to keep. */
function makeSqs() {
  const bodies: string[] = [];
  type Command =
    | SendMessageBatchCommand
    | SendMessageCommand
    | ChangeMessageVisibilityBatchCommand
    | GetQueueAttributesCommand;
  return {
    bodies,
    async send(command: Command) {
      const entries = command instanceof SendMessageBatchCommand ? (command.input.Entries ?? []) : [];
      bodies.push(...entries.map(({ MessageBody = '' }) => MessageBody));
      const Successful = entries.map(({ Id }) => ({ Id, MessageId: `sqs-${Id}`, MD5OfMessageBody: '' }));
      return { Successful, Failed: [], MessageId: undefined, Attributes: undefined };
    },
  };
}

it('the span of each delivery is linked to the one that sent its message, in another process', async () => {
  const app = makeProcess();
  const worker = makeProcess();
  const sqs = makeSqs();
  const client = createRateLimiterClient({ queueUrl, sqs, tracer: app.tracer });
  const seen: unknown[] = [];
  const handler = createHandler({
    queueUrl,
    deadLetterQueueUrl: `${queueUrl}-dead`,
    sqs,
    limits: perMinute(10),
    limiter: memoryLimiter(),
    tracer: worker.tracer,
    deliver: async (_, { traceContext }) => {
      seen.push([trace.getActiveSpan()?.spanContext().spanId, traceContext?.traceparent]);
      worker.otel.startSpan('POST /messages').end();
    },
  });

  const request = app.otel.startSpan('POST /api/messages');
  const { messageId } = await context.with(trace.setSpan(context.active(), request), () =>
    client.send({ key: 'account-1', payload: { text: 'hello' } }),
  );
  request.end();
  await client.close();
  const [body = ''] = sqs.bodies;
  const record = { messageId: 'sqs-1', receiptHandle: 'r', body, attributes: {}, eventSourceARN: '' };
  const response = await handler({ Records: [record] });

  expect(response).toEqual({ batchItemFailures: [] });
  const sent = app.ended().find(({ kind }) => kind === SpanKind.PRODUCER)!;
  const delivered = worker.ended().find(({ kind }) => kind === SpanKind.CONSUMER)!;
  const call = worker.ended().find(({ name }) => name === 'POST /messages')!;
  expect(sent).toMatchObject({
    name: 'send messages',
    parentSpanContext: { spanId: request.spanContext().spanId },
  });
  expect(delivered).toMatchObject({
    name: 'process messages',
    attributes: { 'messaging.message.id': messageId, 'huntaze.rate_limiter.attempt': 1 },
  });
  const { traceId, spanId } = sent.spanContext();
  expect(delivered.links.map((link) => link.context)).toMatchObject([{ traceId, spanId, isRemote: true }]);
  // Linked, and no child: a trace of its own.
  expect(delivered.parentSpanContext).toBeUndefined();
  expect(delivered.spanContext().traceId).not.toBe(traceId);
  const own = delivered.spanContext();
  expect(call.parentSpanContext?.spanId).toBe(own.spanId);
  expect(seen).toEqual([[own.spanId, `00-${own.traceId}-${own.spanId}-01`]]);
});

import {
  SendMessageBatchCommand,
  SQSClient,
  type SendMessageBatchCommandInput,
  type SendMessageBatchCommandOutput,
  type SendMessageBatchRequestEntry,
} from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { createRateLimiterClient } from './client.ts';
import type { JsonValue, LogFields, Logger, Metrics, PayloadSchema, Span, Tracer } from './contract/index.ts';
import { parseMessage } from './contract/index.ts';
import type { ClientOptions } from './options.ts';
import { fakeClock } from './testing/fake-clock.ts';

export const QUEUE_URL = 'https://sqs.eu-west-1.amazonaws.com/123456789012/messages';
export const FIFO_QUEUE_URL = `${QUEUE_URL}.fifo`;
export const DEAD_LETTER_QUEUE_URL = `${QUEUE_URL}-dead`;

/** Connections of tests that are over: a batch that nobody takes the results of may still have requests under way. */
const ofEarlierTests = new WeakSet<object>();

/** Every `SQSClient`, answering for AWS: it accepts every message until told otherwise. */
export function mockSqs() {
  const sqs = mockClient(SQSClient);
  sqs.on(SendMessageBatchCommand).callsFake(accept);
  const restore = sqs.restore.bind(sqs);
  sqs.restore = () => {
    for (const { thisValue } of sqs.calls()) ofEarlierTests.add(thisValue as object);
    restore();
  };
  return sqs;
}

/** The answer of SQS that takes every entry, in reverse: nothing promises an order. */
export function accept({
  Entries = [],
}: SendMessageBatchCommandInput): Partial<SendMessageBatchCommandOutput> {
  return {
    Successful: Entries.toReversed().map(({ Id }) => ({
      Id,
      MessageId: `sqs-${Id}`,
      MD5OfMessageBody: undefined,
    })),
  };
}

/** A client with a fake clock, counted ids, chance that always says one half, and ears on every port. */
export function makeClient<Schema extends PayloadSchema = PayloadSchema<JsonValue>>(
  overrides: Partial<ClientOptions<Schema>> = {},
) {
  const clock = fakeClock();
  const heard = listen();
  let ids = 0;
  const client = createRateLimiterClient<Schema>({
    queueUrl: QUEUE_URL,
    clock,
    ids: { next: () => `id-${++ids}` },
    random: { next: () => 0.5 },
    ...heard.ports,
    ...overrides,
  });
  return { client, clock, heard };
}

/** Remembers what its log is told. */
export function makeLogger() {
  const lines: { level: string; fields: LogFields; message: string }[] = [];
  const log = (level: string) => (fields: LogFields, message: string) =>
    void lines.push({ level, fields, message });
  const logger: Logger = { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') };
  return { lines, logger };
}

/** Remembers all that a client tells its observing ports. */
function listen() {
  const { lines: logs, logger } = makeLogger();
  const measured: { name: string; value: number }[] = [];
  const spans: { name: string; error: unknown; ended: boolean }[] = [];
  const metrics: Metrics = { record: (name, value) => void measured.push({ name, value }) };
  const tracer: Tracer = {
    startSpan(name): Span {
      const span = { name, error: undefined as unknown, ended: false };
      const context = { traceparent: `00-trace-span${spans.push(span)}-01` };
      return { context, end: (error) => void Object.assign(span, { error, ended: true }) };
    },
  };
  return { logs, measured, spans, ports: { logger, metrics, tracer } };
}

/** The requests that SQS received so far, each as its entries. */
export function requestsTo(sqs: ReturnType<typeof mockSqs>): SendMessageBatchRequestEntry[][] {
  return sqs
    .commandCalls(SendMessageBatchCommand)
    .filter(({ thisValue }) => !ofEarlierTests.has(thisValue as object))
    .map(({ args }) => args[0].input.Entries ?? []);
}

/** The messages that SQS received so far, parsed as the handler does. */
export function messagesTo(sqs: ReturnType<typeof mockSqs>) {
  return requestsTo(sqs)
    .flat()
    .map(({ MessageBody }) => parseMessage(MessageBody));
}

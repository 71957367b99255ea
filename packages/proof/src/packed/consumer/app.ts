import { createRateLimiterClient, isPayloadError, type SendResult } from '@huntaze/rate-limiter-client';
import { onlyFansMessage } from '@huntaze/rate-limiter-client/presets';
import { cloudWatchMetrics } from '@huntaze/rate-limiter-client/cloudwatch';
import { parseMessage } from '@huntaze/rate-limiter-client/contract';
import { emfMetrics } from '@huntaze/rate-limiter-client/emf';
import { optionsFromEnv } from '@huntaze/rate-limiter-client/env';
import { sendRoute } from '@huntaze/rate-limiter-client/http';
import { createHandler, memoryLimiter, perMinute, redisLimiter } from '@huntaze/rate-limiter-lambda';

/** What a host's first hour with the packages looks like: queue one message, deliver it. Prints what happened. */
async function main(): Promise<void> {
  const bodies: string[] = [];
  const client = createRateLimiterClient({
    ...optionsFromEnv({
      SQS_RATE_LIMITER_QUEUE: 'https://sqs.eu-west-1.amazonaws.com/123456789012/messages',
    }),
    payload: onlyFansMessage,
    sqs: { send: async ({ input }) => acceptAll(input as SentBatch, bodies) },
  });
  const sent: SendResult = await client.send({
    key: 'account-1',
    payload: { recipientId: 'r-1', content: 'Hello' },
  });
  const refusal = await client
    .send({ key: 'account-1', payload: { recipientId: '', content: 'Hello' } })
    .catch((error: unknown) => error);

  const route = sendRoute({
    client,
    authenticate: async ({ headers }) => headers.get('authorization') && { account: 'account-1' },
    keyOf: ({ account }) => account,
  });
  const statuses = [await route(post({})), await route(post({ authorization: 'anna' }))].map(
    ({ status }) => status,
  );

  const measured: string[] = [];
  const embedded = emfMetrics({ queue: 'messages', write: (line) => measured.push(line) });
  const counted = cloudWatchMetrics({
    queue: 'messages',
    cloudWatch: { send: async ({ input }) => measured.push(`${input.MetricData?.length}`) },
  });
  for (const metrics of [embedded, counted]) {
    metrics.record('MessagesQueued', 2);
    await metrics.flush();
  }

  const delivered: string[] = [];
  const handler = createHandler({
    deliver: async ({ payload }, { attempt }) => delivered.push(`${payload.content}, attempt ${attempt}`),
    payload: onlyFansMessage,
    limits: perMinute(10),
    limiter: memoryLimiter(),
    sqs: { send: async () => ({ MessageId: 'sqs-1', Failed: [], Attributes: {} }) },
    deadLetterQueueUrl: 'https://sqs.eu-west-1.amazonaws.com/123456789012/messages-dead',
  });
  const response = await handler({ Records: bodies.map(received) });

  console.log(
    JSON.stringify({
      outcome: sent.outcome,
      refused: isPayloadError(refusal),
      statuses,
      measured: measured.length,
      read: bodies.map((body) => parseMessage(body).kind),
      delivered,
      failures: response.batchItemFailures,
      redis: typeof redisLimiter({ redis: { evalsha: async () => [], eval: async () => [] } }).admit,
    }),
  );
}

function post(headers: Readonly<Record<string, string>>): Request {
  return new Request('http://localhost/', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ payload: { recipientId: 'r-1', content: 'Posted' } }),
  });
}

interface SentBatch {
  readonly Entries: readonly { readonly Id: string; readonly MessageBody: string }[];
}

function acceptAll({ Entries }: SentBatch, bodies: string[]) {
  bodies.push(...Entries.map(({ MessageBody }) => MessageBody));
  return {
    Successful: Entries.map(({ Id }) => ({ Id, MessageId: `sqs-${Id}` })),
    Failed: [],
    Attributes: {},
  };
}

function received(body: string, index: number) {
  return {
    messageId: `sqs-${index}`,
    receiptHandle: `receipt-${index}`,
    body,
    attributes: { ApproximateReceiveCount: '1', ApproximateFirstReceiveTimestamp: String(Date.now()) },
    eventSourceARN: 'arn:aws:sqs:eu-west-1:123456789012:messages',
  };
}

void main();

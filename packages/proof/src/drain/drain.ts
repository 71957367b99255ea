import { createRateLimiterClient } from '@huntaze/rate-limiter-client';
import {
  startEventSourceMapping,
  startSqs,
  startUpstream,
  until,
  type LambdaHandler,
  type TestQueue,
} from '@huntaze/testkit';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { idealMs, type Work } from './work.ts';

export interface DrainOptions {
  readonly messages: number;
  readonly limit: number;
  readonly windowMs: number;
  /** How often SQS may hand a message out before it becomes a dead letter. */
  readonly maxReceiveCount: number;
  readonly visibilitySeconds: number;
  readonly makeHandler: (work: Work, queue: TestQueue, sqs: SQSClient) => LambdaHandler;
}

/** What the upstream and the queues saw. */
export interface DrainReport {
  readonly messages: number;
  readonly delivered: number;
  readonly duplicates: number;
  readonly deadLetters: number;
  /** Most calls that arrived upstream in any window. */
  readonly worstWindow: number;
  readonly receivesPerMessage: number;
  readonly mostReceives: number;
  readonly invocations: number;
  /** From the first arrival upstream to the last, over the ideal time for as many. */
  readonly timeOverIdeal: number;
}

/** Sends a backlog of one account at once through a real queue and a handler to a real upstream, and reports. */
export async function drain(options: DrainOptions): Promise<DrainReport> {
  const { messages, limit, windowMs, maxReceiveCount, visibilitySeconds, makeHandler } = options;
  await using stack = new AsyncDisposableStack();
  const sqs = await startSqs();
  stack.defer(() => sqs.stop());
  const upstream = await startUpstream({ limit, windowMs, enforce: false });
  stack.defer(() => upstream.stop());
  const queue = await sqs.createQueue({ name: 'backlog', visibilitySeconds, maxReceiveCount });
  const work: Work = { limit, windowMs, deliver: (message) => call(upstream.url, message) };

  await sendBacklog(messages, queue, sqs.client);
  const mapping = await startEventSourceMapping({
    sqs: sqs.client,
    queueUrl: queue.queueUrl,
    queueArn: queue.arn,
    handler: makeHandler(work, queue, sqs.client),
    functionTimeoutMs: Math.min(30, visibilitySeconds) * 1_000,
  });
  stack.defer(() => mapping.stop());
  const { waiting, hidden } = { waiting: 0, hidden: 0 };
  await until(
    'an empty queue',
    async () => {
      const counts = await sqs.counts(queue.queueUrl);
      return counts.waiting === waiting && counts.hidden === hidden;
    },
    { timeoutMs: 10 * idealMs(messages, work) + 60_000, everyMs: 100 },
  );

  const { ledger } = upstream;
  const delivered = new Set(ledger.calls.filter(({ accepted }) => accepted).map(({ id }) => id)).size;
  const deadLetters = await sqs.readAll(queue.deadLetterQueueUrl);
  const receives = [...mapping.stats.receives.values()];
  const spanMs = (ledger.calls.at(-1)?.atMs ?? 0) - (ledger.calls[0]?.atMs ?? 0);
  return {
    messages,
    delivered,
    duplicates: ledger.duplicates().length,
    deadLetters: deadLetters.length,
    worstWindow: ledger.worstWindow(),
    receivesPerMessage: receives.reduce((sum, count) => sum + count, 0) / messages,
    mostReceives: Math.max(...receives),
    invocations: mapping.stats.invocations,
    timeOverIdeal: spanMs / idealMs(delivered, work),
  };
}

async function sendBacklog(messages: number, { queueUrl }: TestQueue, sqs: SQSClient): Promise<void> {
  const client = createRateLimiterClient({ queueUrl, sqs });
  const results = await client.batch(
    Array.from({ length: messages }, (_, index) => ({
      key: 'account-1',
      id: `message-${index}`,
      payload: { index },
    })),
  );
  const refused = results.filter(({ outcome }) => outcome !== 'queued');
  if (refused.length > 0)
    throw new Error(`expected all ${messages} messages queued, found ${refused.length} refused`);
  await client.close();
}

async function call(url: string, { id, key }: { id: string; key: string }): Promise<void> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify({ id, key }) });
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`the upstream answered ${response.status}`);
}

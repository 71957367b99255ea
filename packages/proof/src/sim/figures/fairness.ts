import {
  ChangeMessageVisibilityBatchCommand,
  SendMessageCommand,
  type GetQueueAttributesCommand,
} from '@aws-sdk/client-sqs';
import { serializeMessage } from '@huntaze/rate-limiter-client/contract';
import { createHandler, memoryLimiter, perMinute, type SqsClient } from '@huntaze/rate-limiter-lambda';
import { FairQueue } from './fair-queue.ts';
import { seededRandom } from '../engine/random.ts';
import { virtualTime, type VirtualTime } from '../engine/virtual-time.ts';

export interface FairnessOptions {
  readonly fair: boolean;
  /** Messages of the busy account, all there before the other one sends its first. */
  readonly backlog: number;
  readonly workers: number;
}

export interface FairnessReport {
  /** From when the quiet account sent its first message until it was first received, and until it was delivered. */
  readonly firstLookMs: number;
  readonly deliveredMs: number;
  /** Receives that were answered in between, by all workers. */
  readonly pollsBetween: number;
  /** How long a worker took for a batch, on average until the first look. */
  readonly batchMs: number;
}

const BATCH_SIZE = 10;
/** One receive, one question to the limiter, one call of SQS: what they take inside a region. */
const RECEIVE_MS = 10;
const LIMITER_MS = 2;
const SQS_MS = 10;
const QUIET = 'account-quiet';

/** One account has a backlog, another one sends a single message: when is that looked at, by the real handler? */
export async function simulateFairness({ fair, backlog, workers }: FairnessOptions): Promise<FairnessReport> {
  const time = virtualTime(seededRandom(1));
  const { clock } = time;
  const queue = new FairQueue(time, fair);
  const seen = { sentMs: 0, pollsBefore: 0, firstLookMs: 0, pollsAfter: 0, deliveredMs: 0, batches: 0 };
  const memory = memoryLimiter({ clock });
  const handler = createHandler({
    limits: perMinute(10),
    limiter: {
      ...memory,
      admit: async (request) => {
        await clock.sleep(LIMITER_MS);
        return await memory.admit(request);
      },
    },
    sqs: sqsOf(queue, time),
    queueUrl: 'http://sqs/000000000000/queue',
    deadLetterQueueUrl: 'http://sqs/000000000000/dead-letters',
    clock,
    deliver: async ({ key }) => {
      if (key !== QUIET) return;
      seen.deliveredMs = clock.monotonicMs();
      time.stop();
    },
  });
  const send = (key: string, index: number) =>
    queue.send(
      serializeMessage({ id: `m-${index}`, key, priority: 'medium', payload: null, enqueuedAtMs: 0 }),
    );
  const work = async () => {
    for (;;) {
      await clock.sleep(RECEIVE_MS);
      const Records = queue.receive(BATCH_SIZE);
      if (seen.firstLookMs === 0 && Records.some(({ attributes }) => attributes.MessageGroupId === QUIET)) {
        seen.firstLookMs = clock.monotonicMs();
        seen.pollsAfter = queue.polls;
      }
      const { batchItemFailures } = await handler({ Records });
      const listed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
      for (const record of Records) if (!listed.has(record.messageId)) queue.delete(record);
    }
  };
  for (let index = 0; index < backlog; index++) send('account-busy', index);
  for (let worker = 0; worker < workers; worker++) void work();
  // Long enough for the busy account to be known as noisy.
  time.after(1_000, () => {
    seen.sentMs = clock.monotonicMs();
    seen.pollsBefore = queue.polls;
    send(QUIET, 0);
  });
  await time.run(Number.POSITIVE_INFINITY);
  const firstLookMs = seen.firstLookMs - seen.sentMs;
  const pollsBetween = seen.pollsAfter - seen.pollsBefore;
  return {
    firstLookMs,
    deliveredMs: seen.deliveredMs - seen.sentMs,
    pollsBetween,
    batchMs: (seen.firstLookMs * workers) / seen.pollsAfter,
  };
}

function sqsOf(queue: FairQueue, { clock }: VirtualTime): SqsClient {
  return {
    send: async (
      command: ChangeMessageVisibilityBatchCommand | SendMessageCommand | GetQueueAttributesCommand,
    ) => {
      await clock.sleep(SQS_MS);
      if (command instanceof SendMessageCommand) throw new Error('expected no dead letter');
      if (!(command instanceof ChangeMessageVisibilityBatchCommand)) {
        const inFlight = String(queue.inFlight);
        return {
          Attributes: {
            ApproximateNumberOfMessagesNotVisible: inFlight,
            VisibilityTimeout: '180',
            MessageRetentionPeriod: String(14 * 24 * 3_600),
          },
        };
      }
      for (const { ReceiptHandle = '', VisibilityTimeout = 0 } of command.input.Entries ?? [])
        queue.changeVisibility(ReceiptHandle, VisibilityTimeout * 1_000);
      return {};
    },
  } as SqsClient;
}

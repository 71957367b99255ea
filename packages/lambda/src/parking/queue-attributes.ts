import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import type { Clock, Logger } from '@huntaze/rate-limiter-client/contract';
import type { SqsClient } from '../sqs/sqs-client.ts';
import { nameOf } from '../thrown.ts';
import { within } from '../within.ts';

/** What parking must know of a queue. */
export interface QueueFacts {
  /** Messages that are received and not deleted, parked ones among them. About right, and up to a minute old. */
  readonly inFlight: number;
  /** How long a received message stays hidden when nobody parks it; undefined when that is unknown. */
  readonly visibilityMs: number | undefined;
  /** How long the queue keeps a message, from when it was sent. */
  readonly retentionMs: number;
}

/** Gives what is known of a queue. Never rejects. */
export type QueueFactsReader = (queueUrl: string) => Promise<QueueFacts>;

export interface QueueFactsOptions {
  readonly sqs: SqsClient;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Instead of what the queue says. */
  readonly retentionMs: number | undefined;
}

/** How long an answer is used, and a failure is not repeated. */
const FRESH_MS = 60_000;

/** The retention of a queue that nobody has set (SetQueueAttributes, "MessageRetentionPeriod"). */
const DEFAULT_RETENTION_MS = 4 * 24 * 3_600_000;

/** The first answer is waited for no longer than this: parking must not take much longer than without it. */
const FIRST_ANSWER_MS = 1_000;

/**
 * Reads a queue's attributes when a message is to be parked, at most once a minute; the first answer is waited for,
 * later ones are used when they are there. While they cannot be read, messages are parked as if there was room, for
 * a queue with SQS's default retention.
 */
export function queueFactsReader({ sqs, clock, logger, retentionMs }: QueueFactsOptions): QueueFactsReader {
  const queues = new Map<string, { readAtMs: number; facts: Promise<QueueFacts> }>();
  const unknown: QueueFacts = {
    inFlight: 0,
    visibilityMs: undefined,
    retentionMs: retentionMs ?? DEFAULT_RETENTION_MS,
  };
  const read = async (queueUrl: string, otherwise: QueueFacts): Promise<QueueFacts> => {
    try {
      const { Attributes = {} } = await sqs.send(
        new GetQueueAttributesCommand({
          QueueUrl: queueUrl,
          AttributeNames: [
            'ApproximateNumberOfMessagesNotVisible',
            'VisibilityTimeout',
            'MessageRetentionPeriod',
          ],
        }),
      );
      const told = countOf(Attributes['MessageRetentionPeriod'], 1_000) ?? DEFAULT_RETENTION_MS;
      return {
        inFlight: countOf(Attributes['ApproximateNumberOfMessagesNotVisible'], 1) ?? 0,
        visibilityMs: countOf(Attributes['VisibilityTimeout'], 1_000),
        retentionMs: retentionMs ?? told,
      };
    } catch (error) {
      logger.warn({ error: nameOf(error) }, 'the attributes of the queue could not be read');
      return otherwise;
    }
  };
  const first = async (queueUrl: string) => {
    const answer = read(queueUrl, unknown);
    return await within(clock, FIRST_ANSWER_MS, () => answer).catch(() => unknown);
  };
  return async (queueUrl) => {
    const nowMs = clock.monotonicMs();
    const known = queues.get(queueUrl);
    if (!known) {
      const facts = first(queueUrl);
      queues.set(queueUrl, { readAtMs: nowMs, facts });
      return await facts;
    }
    const { facts } = known;
    if (nowMs - known.readAtMs >= FRESH_MS) {
      known.readAtMs = nowMs;
      void refresh(known, read, queueUrl);
    }
    return await facts;
  };
}

async function refresh(
  known: { facts: Promise<QueueFacts> },
  read: (queueUrl: string, otherwise: QueueFacts) => Promise<QueueFacts>,
  queueUrl: string,
): Promise<void> {
  const last = await known.facts;
  known.facts = Promise.resolve(await read(queueUrl, last));
}

/** A whole number, in other units; undefined when the text is none. */
function countOf(text: string | undefined, unit: number): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) * unit : undefined;
}

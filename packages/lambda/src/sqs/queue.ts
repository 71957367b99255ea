import { isFifo } from '@huntaze/kit';
import { originOf } from '@huntaze/kit/sqs-client';
import type { InvocationContext, SqsRecord } from '../message/event.ts';
import { queueIdentity } from '../limiter/queue-identity.ts';

/** The settings that name queues. */
export interface QueueSettings {
  readonly queueUrl: string | undefined;
  readonly deadLetterQueueUrl: string;
}

/** Where the messages of a batch come from. */
export interface Queue {
  readonly url: string;
  /** Whether it keeps an order within its groups. */
  readonly fifo: boolean;
  /** Its name in the identity of its messages, the same for functions and workers. */
  readonly identity: string;
}

/**
 * The queue of a batch: the configured one, the worker's, or the one that the records name.
 * @throws {TypeError} when none is named, or more than one, since an answer and a visibility belong to one queue; and
 * when it is its own dead-letter queue: its letters would come back as messages, for ever.
 */
export function queueOf(
  { queueUrl, deadLetterQueueUrl }: QueueSettings,
  records: readonly SqsRecord[],
  context: InvocationContext | undefined,
): Queue {
  const [arn = '', ...others] = new Set(records.map(({ eventSourceARN }) => eventSourceARN).filter(Boolean));
  if (others.length > 0)
    throw new TypeError(`expected the records of one queue, found those of ${others.length + 1}`);
  const url = queueUrl ?? context?.queueUrl ?? queueUrlOf(arn);
  const identity = queueIdentity(url);
  if (identity === queueIdentity(deadLetterQueueUrl))
    throw new TypeError('expected another deadLetterQueueUrl, found the queue itself');
  return { url, identity, fifo: isFifo(url) || isFifo(arn) };
}

/**
 * The URL of the queue that an event came from.
 * @throws {TypeError} when the text is not the ARN of a queue.
 */
export function queueUrlOf(arn: string): string {
  const [, , service, region, account, name] = arn.split(':');
  if (service !== 'sqs' || !region || !account || !name) {
    throw new TypeError(
      'expected an eventSourceARN such as arn:aws:sqs:REGION:ACCOUNT:QUEUE, found another text',
    );
  }
  return `${originOf(region)}/${account}/${name}`;
}

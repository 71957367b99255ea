import { ChangeMessageVisibilityBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';

/** How long a parked message stays away at most. */
const LONGEST_PARK_SECONDS = 1;

/**
 * SQS for a handler whose parked messages come back after a second. While Redis is away they are parked for 5 s to
 * 5 min: that would make a test long, and a fault mild, because nobody would ask during it.
 */
export function impatient(sqs: SQSClient): SQSClient {
  return new Proxy(sqs, {
    get: (target, name) => (name === 'send' ? send(target) : (Reflect.get(target, name) as unknown)),
  });
}

function send(sqs: SQSClient): SQSClient['send'] {
  const forward = sqs.send.bind(sqs) as (command: unknown, ...rest: readonly unknown[]) => unknown;
  const shorten = (command: unknown, ...rest: readonly unknown[]) => forward(shortened(command), ...rest);
  return shorten as SQSClient['send'];
}

function shortened(command: unknown): unknown {
  if (!(command instanceof ChangeMessageVisibilityBatchCommand)) return command;
  const { QueueUrl, Entries } = command.input;
  return new ChangeMessageVisibilityBatchCommand({
    QueueUrl,
    Entries: Entries?.map((entry) => ({
      ...entry,
      VisibilityTimeout: Math.min(LONGEST_PARK_SECONDS, entry.VisibilityTimeout ?? 0),
    })),
  });
}

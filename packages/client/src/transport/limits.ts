import type { PayloadProblem } from '../contract/index.ts';

/**
 * Most messages in one request.
 * Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html
 */
export const MAX_ENTRIES = 10;

/** Most bytes of one message, and of all messages of one request together: 1 MiB of UTF-8 (same page). */
export const MAX_BYTES = 1_048_576;

/** What is wrong with a message of so many bytes, or undefined when SQS accepts it. */
export function sizeProblem(bytes: number): PayloadProblem | undefined {
  if (bytes <= MAX_BYTES) return undefined;
  return {
    path: 'payload',
    message: `expected a message of at most ${MAX_BYTES} bytes (1 MiB), found ${bytes}: store large content elsewhere and send its address`,
  };
}

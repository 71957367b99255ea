import { SQSClient } from '@aws-sdk/client-sqs';
import { regionOf } from '@huntaze/kit';

/** The one method of an `SQSClient` that is called, with `SendMessageBatch` and `GetQueueAttributes` commands. */
export interface Sqs {
  /** `abortSignal` ends a request that takes too long. What does not heed it is waited for no longer all the same. */
  send(
    command: { readonly input: object },
    options?: { readonly abortSignal?: AbortSignal },
  ): Promise<unknown>;
}

/** An SQS client to use, and how to let go of it. */
export interface SqsHandle {
  readonly sqs: Sqs;
  /** Closes the connections of a client that we created; one that the host gave stays the host's. */
  release(): void;
}

/**
 * Takes the host's SQS client, or creates one for the region of the queue, without retries of its own:
 * two layers of retries would multiply.
 */
export function openSqs(
  given: Sqs | undefined,
  queue: { readonly queueUrl: string; readonly region: string | undefined },
): SqsHandle {
  if (given !== undefined) return { sqs: given, release: () => {} };
  const region = regionOf(queue.queueUrl) ?? queue.region;
  const own = new SQSClient({ maxAttempts: 1, ...(region !== undefined && { region }) });
  return { sqs: own, release: () => own.destroy() };
}

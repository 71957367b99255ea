import { SQSClient } from '@aws-sdk/client-sqs';
import { ownOrGiven, regionOf } from '@huntaze/kit';

/** The one method of an `SQSClient` that is called, with `SendMessageBatch` and `GetQueueAttributes` commands. */
export interface Sqs {
  /** `abortSignal` ends a request that takes too long. What does not heed it is waited for no longer all the same. */
  send(
    command: { readonly input: object },
    options?: { readonly abortSignal?: AbortSignal },
  ): Promise<unknown>;
}

/**
 * Takes the host's SQS client, or creates one for the region of the queue, without retries of its own:
 * two layers of retries would multiply.
 */
export function openSqs(
  given: Sqs | undefined,
  queue: { readonly queueUrl: string; readonly region: string | undefined },
) {
  const region = regionOf(queue.queueUrl) ?? queue.region;
  return ownOrGiven<Sqs>(given, region, (known) => new SQSClient({ maxAttempts: 1, ...known }));
}

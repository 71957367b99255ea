import { ownOrGiven } from '@huntaze/kit';
import { ownSqs } from '@huntaze/kit/sqs-client';

/** The one method of an `SQSClient` that is called, with `SendMessageBatch` and `GetQueueAttributes` commands. */
export interface Sqs {
  /** `abortSignal` ends a request that takes too long. What does not heed it is waited for no longer all the same. */
  send(
    command: { readonly input: object },
    options?: { readonly abortSignal?: AbortSignal },
  ): Promise<unknown>;
}

/** Takes the host's SQS client, or creates one without retries of its own: two layers of retries would multiply. */
export function openSqs(given: Sqs | undefined, region: string | undefined) {
  return ownOrGiven<Sqs>(given, region, (known) => ownSqs({ maxAttempts: 1, ...known }));
}

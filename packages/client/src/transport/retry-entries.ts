import type { Clock, Random } from '../contract/index.ts';
import { requestError } from './diagnosis.ts';
import type { Outcome, OutgoingMessage, Transport } from './transport.ts';
import { zip } from './zip.ts';

/** Requests that one message takes part in at most. */
const MAX_ATTEMPTS = 3;

/** The longest first wait; it doubles with each further one. */
const INITIAL_DELAY_MS = 100;

/**
 * Sends again those messages of a request that SQS failed for reasons that pass, up to 3 attempts in all.
 * Waits 0 to 100 ms, then 0 to 200 ms: exponential backoff with full jitter
 * (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
 *
 * A request that fails as a whole is not repeated here. On a FIFO queue a message that is sent again
 * comes after those of its request that were accepted.
 */
export function retryEntries(
  transport: Transport,
  { clock, random }: { readonly clock: Clock; readonly random: Random },
): Transport {
  return {
    async send(messages) {
      const outcomes = new Map(zip(messages, await transport.send(messages)));
      for (let attempt = 1; attempt < MAX_ATTEMPTS; attempt++) {
        const failed = messages.filter((message) => isRetryable(outcomes.get(message)));
        if (failed.length === 0) break;
        await clock.sleep(random.next() * INITIAL_DELAY_MS * 2 ** (attempt - 1));
        const { retried, requestFailed } = await sendAgain(transport, failed);
        for (const [message, outcome] of retried) outcomes.set(message, outcome);
        if (requestFailed) break;
      }
      return [...outcomes.values()];
    },
  };
}

/** The failure of a repeated request belongs to its messages alone: others of the first request are queued. */
async function sendAgain(transport: Transport, messages: readonly OutgoingMessage[]) {
  try {
    return { retried: zip(messages, await transport.send(messages)), requestFailed: false };
  } catch (error) {
    const outcome: Outcome = { kind: 'failed', error: requestError(error) };
    return { retried: messages.map((message) => [message, outcome] as const), requestFailed: true };
  }
}

function isRetryable(outcome: Outcome | undefined): boolean {
  return outcome?.kind === 'failed' && outcome.error.retryable;
}

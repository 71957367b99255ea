import { errorName } from '@huntaze/kit';
import type { Logger, Message } from '@huntaze/rate-limiter-client/contract';
import type { LimiterOperations, MessageState } from '../limiter/operations.ts';

/** Where the number of attempts is read. */
export interface AttemptSource {
  readonly find: LimiterOperations['find'] | undefined;
  readonly maxAttempts: number;
  readonly logger: Logger;
}

/** How many attempts were made of a message that waits, as the limiter says; 0 where it cannot. Never throws. */
export async function attemptsMade(
  { find, maxAttempts, logger }: AttemptSource,
  { key, id, life }: Message<unknown>,
  queueUrl: string,
): Promise<number> {
  if (!find) return 0;
  try {
    return Math.min(attemptsIn(await find(key, id, { queueUrl, life })), maxAttempts);
  } catch (error) {
    logger.warn(
      { messageId: id, error: errorName(error) },
      'the attempts of a message are not known: its dead letter says 0',
    );
    return 0;
  }
}

function attemptsIn(found: MessageState): number {
  if ('attempts' in found) return found.attempts;
  return found.state === 'delivering' ? found.attempt : 0;
}

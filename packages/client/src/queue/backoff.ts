import { decorrelatedMs } from '@huntaze/kit';
import { DelegateBackoff, type IBackoffFactory, type IRetryBackoffContext } from 'cockatiel';
import type { Random } from '../contract/random.ts';

/** How long to wait between the attempts of a message. */
export interface BackoffOptions {
  readonly initialDelayMs: number;
  readonly maxDelayMs: number;
  readonly random: Random;
}

/** How many times longer the waits are for who was asked to slow down. */
const THROTTLED_FACTOR = 5;

/**
 * Exponential backoff with decorrelated jitter: see {@link decorrelatedMs}. After throttling the initial delay is five
 * times as long.
 */
export function decorrelatedJitter(
  { initialDelayMs, maxDelayMs, random }: BackoffOptions,
  wasThrottled: (result: unknown) => boolean,
): IBackoffFactory<IRetryBackoffContext<unknown>> {
  return new DelegateBackoff<IRetryBackoffContext<unknown>, number>(({ result }, previousMs = 0) => {
    const throttled = 'value' in result && wasThrottled(result.value);
    const leastMs = initialDelayMs * (throttled ? THROTTLED_FACTOR : 1);
    const delay = decorrelatedMs(previousMs, { leastMs, maxMs: maxDelayMs }, random);
    return { delay, state: delay };
  });
}

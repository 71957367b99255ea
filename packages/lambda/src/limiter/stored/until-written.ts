import { decorrelatedMs } from '@huntaze/kit';
import type { Clock, Random } from '@huntaze/rate-limiter-client/contract';
import type { KeyChange, KeyStateStore } from './key-state-store.ts';

/** Between lost races: about as long as a write takes, and more where there are many. */
const PAUSE = { leastMs: 5, maxMs: 250 };

interface Patience {
  readonly clock: Clock;
  readonly random: Random;
  readonly timeoutMs: number;
}

interface Attempt<Value> {
  readonly value: Value;
  readonly change: KeyChange;
}

/**
 * Decides and writes until nobody else wrote meanwhile, and returns what was decided then. A write that does not answer
 * is looked up: its version tells whether it arrived.
 * @throws what the store throws, and when the time is over.
 */
export async function untilWritten<Value>(
  { clock, random, timeoutMs }: Patience,
  store: KeyStateStore,
  key: string,
  decide: () => Promise<Attempt<Value>>,
): Promise<Value> {
  const endMs = clock.monotonicMs() + timeoutMs;
  let pauseMs = 0;
  for (let races = 1; ; races++) {
    const { value, change } = await decide();
    if (await isWritten(store, key, change)) return value;
    pauseMs = decorrelatedMs(pauseMs, PAUSE, random);
    if (clock.monotonicMs() + pauseMs >= endMs) {
      throw new Error(`expected to write before others do, found ${races} lost races in ${timeoutMs} ms`);
    }
    await clock.sleep(pauseMs);
  }
}

async function isWritten(store: KeyStateStore, key: string, change: KeyChange): Promise<boolean> {
  try {
    return await store.write(key, change);
  } catch (error) {
    const { version } = await store.read(key, []);
    if (version === change.version) return true;
    throw error;
  }
}

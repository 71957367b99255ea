import { answerInTime, errorMessage } from '@huntaze/kit';
import {
  LimiterUnavailableError,
  type Clock,
  type Ids,
  type Random,
} from '@huntaze/rate-limiter-client/contract';
import type { KeyState } from '../key/key-state.ts';
import type { ColdStart } from '../limiter.ts';
import { US_PER_MS } from '../limits/rules.ts';
import { inTurns } from './in-turns.ts';
import type { KeyStateStore } from './key-state-store.ts';
import { LostWrites } from './lost-writes.ts';
import { StoredKey, type About, type Sight } from './stored-key.ts';
import { untilWritten } from './until-written.ts';

export interface KeyAccessOptions {
  readonly store: KeyStateStore;
  readonly sight: Sight;
  readonly coldStart: ColdStart;
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: Ids;
  /** How long a question may take in all. */
  readonly timeoutMs: number;
}

export type KeyAccess = ReturnType<typeof keyAccess>;

/** Reads the states of keys, and changes them. */
export function keyAccess({ store, sight, coldStart, clock, random, ids, timeoutMs }: KeyAccessOptions) {
  const patience = { clock, random, timeoutMs };
  const inTurn = inTurns(patience);

  /** A key as it is now, and the time. */
  const open = async (account: string, about: About, lost = new LostWrites()) => {
    const read = await store.read(account, about.ids);
    const snapshot = lost.undone(read);
    const clockUs = Math.floor((snapshot.nowMs ?? clock.nowMs()) * US_PER_MS);
    const isNew = snapshot.state === undefined && coldStart === 'empty';
    const beganUs = isNew ? (await store.beganMs(clockUs / US_PER_MS)) * US_PER_MS : undefined;
    return { key: new StoredKey(sight, about, snapshot, beganUs), clockUs, read, snapshot };
  };

  return {
    /** Asks a key's state something that changes nothing. */
    async look<Value>(
      account: string,
      about: About,
      at: (state: KeyState, clockUs: number) => Value,
    ): Promise<Value> {
      const { key, clockUs } = await open(account, about);
      return at(key.state, clockUs);
    },

    /** Changes a key by what `decide` does to its state, which is repeated until it is what is written. */
    change<Value>(
      account: string,
      about: About,
      decide: (state: KeyState, clockUs: number) => Value,
    ): Promise<Value> {
      const lost = new LostWrites();
      return inTurn(account, () =>
        untilWritten(patience, store, account, async () => {
          const { key, clockUs, read, snapshot } = await open(account, about, lost);
          const value = decide(key.state, clockUs);
          const change = { ...key.change(ids.next(), key.state.nowUs), read };
          lost.add(change, snapshot);
          return { value, change };
        }),
      );
    },

    /**
     * Waits for an answer of one of these.
     * @throws {LimiterUnavailableError} when there is none in time, or the store throws.
     */
    async answer<Value>(name: string, answer: Promise<Value>): Promise<Value> {
      try {
        return await answerInTime(patience, answer);
      } catch (error) {
        throw new LimiterUnavailableError(
          `expected the limiter's store to answer ${name}, found: ${errorMessage(error)}`,
          error,
        );
      }
    },
  };
}

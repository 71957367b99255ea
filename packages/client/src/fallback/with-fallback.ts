import { QueueUnavailableError, type Clock, type FallbackStore } from '../contract/index.ts';
import type { Carrier, Failed, Fate, OutgoingMessage } from '../transport/transport.ts';
import { nameOf, type StoreInTime } from './store-call.ts';

/** What {@link withFallback} works with. */
export interface FallbackOptions {
  readonly store: FallbackStore;
  readonly clock: Clock;
  /** Bounds a call of the store. */
  readonly inTime: StoreInTime;
  /**
   * Whether the queue keeps order (FIFO): then nothing goes to SQS while the store holds something older, which
   * would come after it.
   */
  readonly keepsOrder: boolean;
  /** Hears of messages that the store holds now, with what kept them from SQS. */
  onStored(stored: readonly (readonly [OutgoingMessage, Failed])[]): void;
  /** Hears that the store failed too: the messages are with their callers alone. */
  onStoreFailure(messages: number, errorName: string): void;
}

/**
 * Puts into the store what a carrier could not get to SQS. Only a message that SQS will never take stays failed:
 * what is wrong with permissions or the queue can be put right, and the message waits until then.
 */
export function withFallback(carrier: Carrier, options: FallbackOptions): Carrier {
  const { store, clock, inTime, keepsOrder, onStored, onStoreFailure } = options;
  /** Until when the store counts as holding something older; undefined when it holds nothing that came from here. */
  let behindUntilMs: number | undefined;

  /** Whether messages must queue up in the store. What the store holds is asked once a second at most. */
  async function isBehind(): Promise<boolean> {
    if (behindUntilMs === undefined) return false;
    if (clock.monotonicMs() < behindUntilMs) return true;
    const { pending } = await inTime(() => store.counts()).catch(() => ({ pending: 1 }));
    behindUntilMs = pending > 0 ? clock.monotonicMs() + ASK_AGAIN_MS : undefined;
    return pending > 0;
  }

  /** @returns the fate of messages that SQS did not take: that of all of them, as one call stores them. */
  async function keep(failed: readonly (readonly [OutgoingMessage, Failed])[]): Promise<readonly Fate[]> {
    const storedAtMs = Math.floor(clock.nowMs());
    const messages = failed.map(([{ id, key, body, fresh = false }, { error }]) => ({
      id,
      key,
      body,
      storedAtMs,
      error: error.message,
      fresh,
    }));
    try {
      await inTime(() => store.save(messages));
    } catch (error) {
      onStoreFailure(messages.length, nameOf(error));
      return failed.map(([, failure]) => failedTwice(failure, error));
    }
    if (keepsOrder) behindUntilMs = clock.monotonicMs() + ASK_AGAIN_MS;
    onStored(failed);
    return failed.map(([, { error: cause }]) => ({ kind: 'stored', cause }));
  }

  return {
    async carry(messages, bounds) {
      if (await isBehind()) return await keep(messages.map((message) => [message, behind()]));
      const fates = await carrier.carry(messages, bounds);
      const toKeep = messages.flatMap((message, index) => {
        const fate = fates[index];
        return mayWait(fate) ? [[message, fate] as const] : [];
      });
      if (toKeep.length === 0) return fates;
      const kept = (await keep(toKeep)).values();
      return fates.map((fate) => (mayWait(fate) ? (kept.next().value as Fate) : fate));
    },
  };
}

/** Whether a message is one that SQS may take later. */
function mayWait(fate: Fate | undefined): fate is Failed {
  return fate?.kind === 'failed' && fate.verdict !== 'rejected';
}

/** How long a count of the store holds while messages queue up in it. */
const ASK_AGAIN_MS = 1_000;

/** Why a message was not even tried. */
function behind(): Failed {
  const error = new QueueUnavailableError(
    'expected an empty fallback store, found older messages in it: the message was stored behind them, which keeps the order of the FIFO queue',
  );
  return { kind: 'failed', verdict: 'unavailable', error };
}

/** Tells of both failures: without the store's, nobody would look there. */
function failedTwice({ error, verdict }: Failed, storeError: unknown): Failed {
  const text = `${error.message}; the fallback store did not keep it either (${nameOf(storeError)})`;
  const cause = new AggregateError([error, storeError], 'SQS and the fallback store both failed');
  return { kind: 'failed', verdict, error: new QueueUnavailableError(text, cause) };
}

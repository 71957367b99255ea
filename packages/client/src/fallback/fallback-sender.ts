import { QueueUnavailableError, type Clock, type FallbackStore } from '../contract/index.ts';
import type { Failed, OutgoingMessage, QueueSender, Sender, SendOutcome } from '../queue/outgoing.ts';
import { nameOf, type StoreInTime } from './store-call.ts';

/** Messages that the store holds, each with what kept it from SQS. */
export type StoredInstead = readonly (readonly [OutgoingMessage, Failed])[];

interface FallbackOptions {
  readonly store: FallbackStore;
  readonly clock: Clock;
  /** Bounds a call of the store. */
  readonly inTime: StoreInTime;
  /**
   * Whether the queue keeps order (FIFO): then nothing goes to SQS while the store holds something older, which
   * would come after it.
   */
  readonly keepsOrder: boolean;
  /** Called when the store holds messages. */
  onStored(stored: StoredInstead): void;
  /** Called when the store failed too: the messages are with their callers alone. */
  onStoreFailure(messages: number, errorName: string): void;
}

/**
 * Stores messages that the queue sender did not get to SQS. Only a message that SQS will never take stays failed:
 * what is wrong with permissions or the queue can be put right, and the message waits until then.
 */
export function withFallback(queueSender: QueueSender, options: FallbackOptions): Sender {
  const { store, clock, inTime, keepsOrder, onStored, onStoreFailure } = options;
  /** Until when the store counts as holding something older; undefined when it holds nothing that came from here. */
  let behindUntilMs: number | undefined;

  /** Whether messages must queue up in the store. Counts the store's messages once a second at most. */
  async function isBehind(): Promise<boolean> {
    if (clock.monotonicMs() < (behindUntilMs ?? 0)) return true;
    const { pending } = await inTime(() => store.counts()).catch(() => ({ pending: 1 }));
    behindUntilMs = pending > 0 ? clock.monotonicMs() + ASK_AGAIN_MS : undefined;
    return pending > 0;
  }

  /** Stores messages that SQS did not take. @returns one outcome for each: the same for all, as one call stores them. */
  async function keep(failed: StoredInstead): Promise<readonly SendOutcome[]> {
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
    async send(messages, bounds) {
      if (behindUntilMs !== undefined && (await isBehind()))
        return await keep(messages.map((message) => [message, behind()]));
      const outcomes = await queueSender.send(messages, bounds);
      const toKeep = messages.flatMap((message, index) => {
        const outcome = outcomes[index];
        return mayWait(outcome) ? [[message, outcome] as const] : [];
      });
      if (toKeep.length === 0) return outcomes;
      const kept = (await keep(toKeep)).values();
      return outcomes.map((outcome) => (mayWait(outcome) ? (kept.next().value as SendOutcome) : outcome));
    },
  };
}

/** Whether a message is one that SQS may take later. */
function mayWait(outcome: SendOutcome | undefined): outcome is Failed {
  return outcome?.kind === 'failed' && outcome.errorClass !== 'rejected';
}

/** How long a count of the store holds while messages queue up in it. */
const ASK_AGAIN_MS = 1_000;

/** Why a message was not even tried. */
function behind(): Failed {
  const error = new QueueUnavailableError(
    'expected an empty fallback store, found older messages in it: the message was stored behind them, which keeps the order of the FIFO queue',
  );
  return { kind: 'failed', errorClass: 'unavailable', error };
}

/** One error with both failures. Without the store's, an operator would look at SQS alone. */
function failedTwice({ error, errorClass }: Failed, storeError: unknown): Failed {
  const text = `${error.message}; the fallback store did not keep it either (${nameOf(storeError)})`;
  const cause = new AggregateError([error, storeError], 'SQS and the fallback store both failed');
  return { kind: 'failed', errorClass, error: new QueueUnavailableError(text, cause) };
}

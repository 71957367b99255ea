import { messageIdentity } from '@huntaze/kit';
import * as checks from '@huntaze/kit/checks';
import { readOptions } from '../contract/require-options.ts';
import { systemClock, uuidIds, type Clock, type FallbackStore, type Ids } from '../contract/index.ts';
import type { StoredClaim, StoredMessage } from '../contract/index.ts';
import { dueBefore, type Due } from './due-order.ts';

/** How a {@link memoryFallbackStore} differs from the usual one. */
export interface MemoryFallbackStoreOptions {
  /** How much it may hold, dead messages included. Default 64 MiB; `save` throws before it would hold more. */
  readonly maxBytes?: number;
  /** Its measured time counts, so steps of the wall clock hide no message. Default: the system's clock. */
  readonly clock?: Clock;
  /** Source of fencing tokens. Default: UUIDs. */
  readonly ids?: Ids;
}

/**
 * A message in the store. It may be claimed when it is due: since it was stored, once its lease has ended, when its retry is due; never (Infinity)
 * when it is dead.
 */
interface Entry extends Due {
  readonly message: StoredMessage;
  /** How often it was claimed. */
  readonly attempt: number;
  /** Of its newest claim, until that is settled. */
  readonly token?: string;
}

/** What an entry takes beside its body: two identifiers, an error, numbers. Generous, so that the bound is one. */
const ENTRY_BYTES = 1_024;

const memoryStoreTable = {
  maxBytes: { check: checks.whole(1, Number.MAX_SAFE_INTEGER), default: 64 * 1024 * 1024 },
  clock: { check: checks.clock, default: systemClock },
  ids: { check: checks.ids, default: uuidIds },
} satisfies checks.OptionTable<MemoryFallbackStoreOptions>;

/**
 * A fallback store in this process's memory: for development and tests, and the specification of the durable ones.
 * What it holds is gone when the process ends.
 * @throws {ConfigurationError} with every problem of the options.
 */
export function memoryFallbackStore(options: MemoryFallbackStoreOptions = {}): FallbackStore {
  const { maxBytes, clock, ids } = readOptions(memoryStoreTable, options);
  const entries = new Map<string, Entry>();
  const inOrder: Entry[] = [];
  /** What the wall clock was ahead of the measured time at first. Later steps of it change no order. */
  const wallAheadMs = clock.nowMs() - clock.monotonicMs();
  let heldBytes = 0;
  let puts = 0;

  const put = (state: Omit<Entry, keyof Due>, dueAtMs: number) => {
    const entry = { ...state, dueAtMs, number: puts++ };
    entries.set(messageIdentity(entry.message), entry);
    inOrder.splice(dueBefore(entry, inOrder), 0, entry);
  };

  /** Takes the entry that a claim is the newest of to its outcome; false when there is none. */
  const settle = ({ message, token }: StoredClaim, outcome: (entry: Entry) => void): boolean => {
    const entry = entries.get(messageIdentity(message));
    if (entry?.token !== token) return false;
    inOrder.splice(dueBefore(entry, inOrder), 1);
    outcome(entry);
    return true;
  };

  return {
    async save(messages) {
      const unknown = new Map<string, StoredMessage>();
      let bytes = 0;
      for (const message of messages) {
        const identity = messageIdentity(message);
        if (entries.has(identity) || unknown.has(identity)) continue;
        unknown.set(identity, message);
        bytes += bytesOf(message);
      }
      if (heldBytes + bytes > maxBytes) throw full(maxBytes, heldBytes, bytes);
      heldBytes += bytes;
      const nowMs = clock.monotonicMs();
      for (const message of unknown.values()) {
        put({ message, attempt: 0 }, Math.min(message.storedAtMs - wallAheadMs, nowMs));
      }
    },

    async claim({ limit, leaseMs }) {
      const nowMs = clock.monotonicMs();
      const due = dueBefore({ dueAtMs: nowMs, number: Infinity }, inOrder);
      return inOrder.splice(0, Math.min(limit, due)).map((entry) => {
        const claim = { message: entry.message, token: ids.next(), attempt: entry.attempt + 1 };
        put(claim, nowMs + leaseMs);
        return claim;
      });
    },

    async markReplayed(claim) {
      return settle(claim, ({ message }) => {
        heldBytes -= bytesOf(message);
        entries.delete(messageIdentity(message));
      });
    },

    async markFailed(claim, failure) {
      const { error, untried, retryAfterMs } = { untried: false, retryAfterMs: Infinity, ...failure };
      return settle(claim, ({ message, attempt }) => {
        const failed = { message: { ...message, error }, attempt: untried ? attempt - 1 : attempt };
        put(failed, clock.monotonicMs() + retryAfterMs);
      });
    },

    async counts() {
      const pending = dueBefore({ dueAtMs: Infinity, number: -1 }, inOrder);
      return { pending, dead: inOrder.length - pending };
    },
  };
}

function bytesOf({ body }: StoredMessage): number {
  return Buffer.byteLength(body) + ENTRY_BYTES;
}

function full(maxBytes: number, heldBytes: number, bytes: number): Error {
  return new Error(
    `expected room for ${bytes} bytes within the memory store's ${maxBytes}, found ${heldBytes} taken: replay, raise maxBytes, or use a durable store`,
  );
}

import { systemClock, uuidIds, type Clock, type FallbackStore, type Ids } from '../contract/index.ts';
import type { StoredClaim, StoredFailure, StoredMessage } from '../contract/index.ts';

/** How a {@link memoryFallbackStore} differs from the usual one. */
export interface MemoryFallbackStoreOptions {
  /** How much it may hold, dead messages included. Default 64 MiB; `save` throws before it would hold more. */
  readonly maxBytes?: number;
  /** Default: the system's clock. */
  readonly clock?: Clock;
  /** Source of fencing tokens. Default: UUIDs. */
  readonly ids?: Ids;
}

/** A message in the store. Without `token` nobody has claimed it yet. */
interface Entry {
  readonly message: StoredMessage;
  /** When it may be claimed: since it was stored, once its lease has ended, or when it shall be retried. */
  readonly dueAtMs: number;
  readonly attempts: number;
  readonly token?: string;
  readonly dead: boolean;
}

const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;

/** What an entry takes beside its body: two identifiers, an error, numbers. Generous, so that the bound is one. */
const ENTRY_BYTES = 1_024;

/**
 * A fallback store in this process's memory: for development and tests, and the specification of the durable ones.
 * What it holds is gone when the process ends.
 */
export function memoryFallbackStore({
  maxBytes = DEFAULT_MAX_BYTES,
  clock = systemClock,
  ids = uuidIds,
}: MemoryFallbackStoreOptions = {}): FallbackStore {
  const entries = new Map<string, Entry>();
  let heldBytes = 0;

  /** The entry that a claim is the newest of. */
  const claimed = ({ message, token }: StoredClaim): Entry | undefined => {
    const entry = entries.get(identityOf(message));
    return entry?.token === token ? entry : undefined;
  };

  return {
    async save(messages) {
      const unknown = new Map(
        messages.map((message) => [identityOf(message), message] as const).toReversed(),
      );
      for (const identity of unknown.keys()) if (entries.has(identity)) unknown.delete(identity);
      const bytes = [...unknown.values()].reduce((sum, message) => sum + bytesOf(message), 0);
      if (heldBytes + bytes > maxBytes) throw full(maxBytes, heldBytes, bytes);
      heldBytes += bytes;
      const nowMs = clock.nowMs();
      for (const [identity, message] of [...unknown].toReversed()) {
        const dueAtMs = Math.min(message.storedAtMs, nowMs);
        entries.set(identity, { message, dueAtMs, attempts: 0, dead: false });
      }
    },

    async claim({ limit, leaseMs }) {
      const nowMs = clock.nowMs();
      const due = [...entries].filter(([, { dead, dueAtMs }]) => !dead && dueAtMs <= nowMs);
      const oldest = due.toSorted(([, a], [, b]) => a.dueAtMs - b.dueAtMs).slice(0, limit);
      return oldest.map(([identity, entry]) => {
        const token = ids.next();
        const attempt = entry.attempts + 1;
        entries.set(identity, { ...entry, dueAtMs: nowMs + leaseMs, attempts: attempt, token });
        return { message: entry.message, token, attempt };
      });
    },

    async markReplayed(claim) {
      const entry = claimed(claim);
      if (!entry) return false;
      heldBytes -= bytesOf(entry.message);
      return entries.delete(identityOf(entry.message));
    },

    async markFailed(claim, failure) {
      const entry = claimed(claim);
      if (!entry) return false;
      entries.set(identityOf(entry.message), afterFailure(entry, failure));
      return true;
    },

    async counts() {
      const dead = [...entries.values()].filter((entry) => entry.dead).length;
      return { pending: entries.size - dead, dead };
    },
  };
}

/** A settled claim has no token any more, so it settles nothing twice. */
function afterFailure({ message, dueAtMs, attempts }: Entry, failure: StoredFailure): Entry {
  const failed = { message: { ...message, error: failure.error }, attempts };
  return 'dead' in failure
    ? { ...failed, dueAtMs, dead: true }
    : { ...failed, dueAtMs: failure.retryAtMs, dead: false };
}

/** Neither a key nor an id holds a space. */
function identityOf({ key, id }: StoredMessage): string {
  return `${key} ${id}`;
}

function bytesOf({ body }: StoredMessage): number {
  return Buffer.byteLength(body) + ENTRY_BYTES;
}

function full(maxBytes: number, heldBytes: number, bytes: number): Error {
  return new Error(
    `expected room for ${bytes} bytes within the memory store's ${maxBytes}, found ${heldBytes} taken: replay, raise maxBytes, or use a durable store`,
  );
}

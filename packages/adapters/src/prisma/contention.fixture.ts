import type { FallbackStore } from '@huntaze/rate-limiter-client/contract';

const MESSAGES = 600;
/** Much longer than any test. */
const LEASE_MS = 3_600_000;
export const messages = Array.from({ length: MESSAGES }, (_, index) => ({
  id: `m-${index}`,
  key: 'account-1',
  body: '{}',
  storedAtMs: 1_700_000_000_000 + index,
  error: 'down',
}));

/** Claims and settles as a replay does, until nothing is due. @returns how often each message was given. */
async function replay(store: FallbackStore, given: Map<string, number[]>): Promise<void> {
  for (;;) {
    const claims = await store.claim({ limit: 10, leaseMs: LEASE_MS });
    if (claims.length === 0) return;
    for (const { message, attempt } of claims)
      given.set(message.id, [...(given.get(message.id) ?? []), attempt]);
    await Promise.all(claims.map((claim) => store.markReplayed(claim)));
  }
}

/** What became of messages that many wanted at once. */
interface Contention {
  /** How many were pending once all were saved. */
  readonly stored: number;
  /** How many different ones were claimed. */
  readonly claimed: number;
  /** Attempts of those that were claimed otherwise than once. */
  readonly odd: readonly (readonly number[])[];
  /** How many were pending at the end. */
  readonly left: number;
}

/**
 * Lets three savers of the same messages, and then twelve replays, get into each other's way.
 * @throws what a call of the store throws: none may fail.
 */
export async function contend(store: FallbackStore, count = MESSAGES): Promise<Contention> {
  const some = messages.slice(0, count);
  const given = new Map<string, number[]>();

  await Promise.all([some, some.toReversed(), some].map((saved) => store.save(saved)));
  const { pending: stored } = await store.counts();
  await Promise.all(Array.from({ length: 12 }, () => replay(store, given)));
  // One that found all that was due in the hands of others has ended early.
  await replay(store, given);

  const odd = [...given.values()].filter((attempts) => attempts.join() !== '1');
  return { stored, claimed: given.size, odd, left: (await store.counts()).pending };
}

/** Each message was stored once, and claimed once. */
export const eachOnce = (count = MESSAGES): Contention => ({
  stored: count,
  claimed: count,
  odd: [],
  left: 0,
});

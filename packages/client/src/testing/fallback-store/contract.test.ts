import { describe, expect, it } from 'vitest';
import type { FallbackStore, StoredClaim, StoredMessage } from '../../contract/index.ts';
import { memoryFallbackStore } from '../../fallback/memory-store.ts';
import { fakeClock } from '../fake-clock.ts';
import { fallbackStoreContract } from './contract.ts';

/** Breaks one promise of a store that keeps all of them. */
type Flaw = (store: FallbackStore, aheadMs: number) => Partial<FallbackStore>;

const noError = (message: StoredMessage) => ({ ...message, error: '' });

/** Each flaw, and one of the cases that notice it. */
const flaws: Readonly<Record<string, readonly [flaw: Flaw, noticed: string]>> = {
  'forgets why a message was stored': [
    (store) => ({ save: (messages) => store.save(messages.map(noError)) }),
    'a saved message is given to a claim as it was',
  ],
  'trims bodies': [
    (store) => ({
      save: (messages) => store.save(messages.map((one) => ({ ...one, body: one.body.trim() }))),
    }),
    'no key, id, body or error is harmed or does harm',
  ],
  'stores only the first message of a call': [
    (store) => ({ save: (messages) => store.save(messages.slice(0, 1)) }),
    'a call that holds known and unknown messages stores the unknown',
  ],
  'takes messages of one id for one': [
    (store) => ({ save: (messages) => store.save(messages.map((one) => ({ ...one, key: 'account-1' }))) }),
    'one id under two keys is two messages',
  ],
  'gives the newest first': [
    (store) => ({ claim: async (request) => (await store.claim(request)).toReversed() }),
    'the oldest message is claimed first',
  ],
  'ignores the limit': [
    (store) => ({ claim: ({ leaseMs }) => store.claim({ limit: 100, leaseMs }) }),
    'no claim gives more messages than its limit',
  ],
  'leases for nothing': [
    (store) => ({ claim: ({ limit }) => store.claim({ limit, leaseMs: 0 }) }),
    'a claimed message is pending, and nobody else gets it while the lease lasts',
  ],
  'leases for ever': [
    (store) => ({ claim: ({ limit }) => store.claim({ limit, leaseMs: 1e12 }) }),
    'a message whose lease has ended is claimed again, as the next attempt',
  ],
  'gives every claim out twice': [
    (store) => ({
      claim: async (request) => (await store.claim(request)).flatMap((claim) => [claim, claim]),
    }),
    'twenty claimers at once share the messages, and no two get the same',
  ],
  'counts every attempt as the first': [
    (store) => ({
      claim: async (request) => (await store.claim(request)).map((claim) => ({ ...claim, attempt: 1 })),
    }),
    'every attempt counts, whether it failed, or its lease ended',
  ],
  'lets an old claim settle': [
    (store) => {
      const newest = new Map<string, StoredClaim>();
      return {
        claim: async (request) => {
          const claims = await store.claim(request);
          for (const claim of claims) newest.set(claim.message.id, claim);
          return claims;
        },
        markReplayed: (claim) => store.markReplayed(newest.get(claim.message.id) ?? claim),
      };
    },
    'an overtaken claim settles nothing, the newest one does',
  ],
  'retries at once': [
    (store) => ({ markFailed: (claim, { error }) => store.markFailed(claim, { error, retryAfterMs: 0 }) }),
    'a failed message is due again after its wait, and not before',
  ],
  'sends what failed to the end of the line': [
    (store) => ({
      markFailed: (claim, failure) =>
        store.markFailed(claim, 'dead' in failure ? failure : { ...failure, retryAfterMs: 1 }),
    }),
    'a failed message whose wait is below 0 goes ahead of what became due since then',
  ],
  'counts attempts that nobody made': [
    (store) => ({
      markFailed: (claim, failure) =>
        store.markFailed(claim, 'dead' in failure ? failure : { ...failure, untried: undefined }),
    }),
    'a claim of a message that was not tried does not count as an attempt',
  ],
  'lets messages wait until they were stored by the clock of their host': [
    (store, aheadMs) => ({
      save: async (messages) => (aheadMs > 0 ? undefined : await store.save(messages)),
    }),
    'what a host whose clock is an hour ahead saved is due at once',
  ],
  'leases by the clocks of hosts': [
    (store, aheadMs) => ({
      claim: ({ limit, leaseMs }) => store.claim({ limit, leaseMs: leaseMs + aheadMs }),
    }),
    'what a host whose clock is an hour ahead claimed is due again after its lease',
  ],
  'waits by the clocks of hosts': [
    (store, aheadMs) => ({
      markFailed: (claim, failure) =>
        store.markFailed(
          claim,
          'dead' in failure ? failure : { ...failure, retryAfterMs: failure.retryAfterMs + aheadMs },
        ),
    }),
    'what a host whose clock is an hour ahead could not replay is due again after its wait',
  ],
  'keeps the dead among the pending': [
    (store) => ({
      counts: async () => {
        const { pending, dead } = await store.counts();
        return { pending: pending + dead, dead: 0 };
      },
    }),
    'a dead message is kept, counted and never claimed again',
  ],
};

async function broken(flaw: Flaw): Promise<readonly string[]> {
  const make = () => {
    const clock = fakeClock(Date.UTC(2026, 5, 1));
    const store = memoryFallbackStore({ clock });
    const seenFrom = ({ aheadMs }: { aheadMs: number }) => ({ ...store, ...flaw(store, aheadMs) });
    return { store: seenFrom({ aheadMs: 0 }), seenFrom, nowMs: clock.nowMs, elapse: clock.advance };
  };
  const cases = fallbackStoreContract({ make, volume: 100, maxBodyBytes: 1_000 });
  const outcomes = await Promise.allSettled(cases.map(({ run }) => run()));
  return cases.filter((_, index) => outcomes[index]?.status === 'rejected').map(({ name }) => name);
}

describe('the contract of fallback stores', () => {
  it('is kept by a store without a flaw', async () => {
    expect(await broken(() => ({}))).toEqual([]);
  });

  it.each(Object.entries(flaws))('notices a store that %s', async (_, [flaw, noticed]) => {
    expect(await broken(flaw)).toContain(noticed);
  });

  it('is kept by the store of the documented example, whose clock stands at its first instant', async () => {
    const make = () => {
      const clock = fakeClock();
      return { store: memoryFallbackStore({ clock }), nowMs: clock.nowMs, elapse: clock.advance };
    };
    for (const { run } of fallbackStoreContract({ make })) await run();
  });

  it('asks for a clock that stands after its messages were stored', async () => {
    const make = () => ({ store: memoryFallbackStore(), nowMs: () => 0, elapse: async () => {} });
    const [first] = fallbackStoreContract({ make });
    await expect(first?.run()).rejects.toThrow(
      'expected nowMs of the store under test to give an instant after 2000-01-02, found 0: start its clock later',
    );
  });

  it('closes each store, also when its test fails', async () => {
    let open = 0;
    const make = () => {
      open++;
      const store = { ...memoryFallbackStore(), counts: () => Promise.reject(new Error('unreachable')) };
      return { store, nowMs: Date.now, elapse: async () => {}, close: async () => void open-- };
    };
    await Promise.allSettled(fallbackStoreContract({ make, volume: 1 }).map(({ run }) => run()));
    expect(open).toBe(0);
  });
});

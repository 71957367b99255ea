import { describe, expect, it } from 'vitest';
import type { StoredClaim } from '../contract/index.ts';
import { fakeClock } from '../testing/fake-clock.ts';
import { fallbackStoreContract } from '../testing/fallback-store/contract.ts';
import { message } from '../testing/fallback-store/scenario.ts';
import { memoryFallbackStore } from './memory-store.ts';

const make = () => {
  const clock = fakeClock(Date.UTC(2026, 5, 1));
  return {
    store: memoryFallbackStore({ clock }),
    nowMs: clock.nowMs,
    elapse: clock.advance,
    step: clock.step,
  };
};

describe('the memory store, as every fallback store:', () => {
  it.each(fallbackStoreContract({ make }))('$name', ({ run }) => run());
});

describe('the memory store', () => {
  const body = 'x'.repeat(1_000);

  it('refuses what it has no room for, stores none of it, and says what to do', async () => {
    const store = memoryFallbackStore({ maxBytes: 5_000 });
    await store.save([message('m-1', { body })]);

    await expect(store.save(['m-2', 'm-3'].map((id) => message(id, { body })))).rejects.toThrow(
      "expected room for 4048 bytes within the memory store's 5000, found 2024 taken: replay, raise maxBytes, or use a durable store",
    );
    expect(await store.counts()).toEqual({ pending: 1, dead: 0 });
  });

  it('gives what is due at the same time in the order in which it became so', async () => {
    const { store, elapse } = make();
    const claim = async (limit: number) => await store.claim({ limit, leaseMs: 1_000 });
    const idsOf = (claims: readonly StoredClaim[]) => claims.map(({ message: { id } }) => id);
    await store.save([message('m-3', { storedAtMs: 2 })]);
    await store.save(['m-1', 'm-2'].map((id) => message(id, { storedAtMs: 1 })));
    expect(idsOf(await claim(3))).toEqual(['m-1', 'm-2', 'm-3']);

    await elapse(1_000);
    const claims = await claim(3);
    expect(idsOf(claims)).toEqual(['m-1', 'm-2', 'm-3']);

    for (const one of claims.toReversed()) await store.markFailed(one, { error: 'refused', retryAfterMs: 0 });
    expect(idsOf(await claim(3))).toEqual(['m-3', 'm-2', 'm-1']);
  });

  it.each([-3_600_000, 3_600_000])(
    'keeps its leases and waits when the wall clock steps by %i ms',
    async (stepMs) => {
      const { store, elapse, step } = make();
      await store.save(['m-1', 'm-2'].map((id) => message(id)));
      const [first] = await store.claim({ limit: 2, leaseMs: 1_000 });
      await store.markFailed(first as StoredClaim, { error: 'refused', retryAfterMs: 1_000 });
      step(stepMs);

      expect(await store.claim({ limit: 10, leaseMs: 1_000 })).toEqual([]);
      await elapse(1_000);
      expect(await store.claim({ limit: 10, leaseMs: 1_000 })).toHaveLength(2);
    },
  );

  it('has room again for what was replayed, and needs none for what it knows', async () => {
    const store = memoryFallbackStore({ maxBytes: 2_100 });
    await store.save([message('m-1', { body })]);
    await store.save([message('m-1', { body })]);

    for (const claim of await store.claim({ limit: 1, leaseMs: 1_000 })) await store.markReplayed(claim);
    await store.save([message('m-2', { body })]);

    expect(await store.counts()).toEqual({ pending: 1, dead: 0 });
  });
});

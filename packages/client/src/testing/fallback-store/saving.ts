import { deepEqual, equal } from 'node:assert/strict';
import { claimOne, ids, message, type Scenario } from './scenario.ts';

/** What `save` and `counts` promise. */
export const saving: Readonly<Record<string, Scenario>> = {
  'an empty store has nothing to count and nothing to claim': async ({ store, leaseMs }) => {
    await store.save([]);
    deepEqual(await store.counts(), { pending: 0, dead: 0 });
    deepEqual(await store.claim({ limit: 10, leaseMs }), []);
  },

  'a saved message is given to a claim as it was': async (given) => {
    await given.store.save([message('m-1')]);
    const claim = await claimOne(given);
    deepEqual({ ...claim.message }, message('m-1'));
    equal(claim.attempt, 1);
  },

  'saving a message again changes nothing': async (given) => {
    await given.store.save([message('m-1')]);
    await given.store.save([message('m-1', { body: '"another"', error: 'another' })]);
    deepEqual(await given.store.counts(), { pending: 1, dead: 0 });
    deepEqual({ ...(await claimOne(given)).message }, message('m-1'));
  },

  'of a message that is twice in one call, the first is stored': async (given) => {
    await given.store.save([message('m-1'), message('m-1', { body: '"another"' })]);
    deepEqual({ ...(await claimOne(given)).message }, message('m-1'));
  },

  'a call that holds known and unknown messages stores the unknown': async ({ store, leaseMs }) => {
    await store.save([message('m-1')]);
    await store.save([message('m-1'), message('m-2')]);
    deepEqual(await store.counts(), { pending: 2, dead: 0 });
    deepEqual(ids(await store.claim({ limit: 10, leaseMs })).toSorted(), ['m-1', 'm-2']);
  },

  'saving a claimed message again leaves the claim alone': async (given) => {
    const { store, leaseMs } = given;
    await store.save([message('m-1')]);
    const claim = await claimOne(given);
    await store.save([message('m-1')]);
    deepEqual(await store.claim({ limit: 10, leaseMs }), []);
    equal(await store.markReplayed(claim), true);
  },

  'saving a dead message again leaves it dead': async (given) => {
    const { store, leaseMs } = given;
    await store.save([message('m-1')]);
    await store.markFailed(await claimOne(given), { error: 'refused', dead: true });
    await store.save([message('m-1')]);
    deepEqual(await store.counts(), { pending: 0, dead: 1 });
    deepEqual(await store.claim({ limit: 10, leaseMs }), []);
  },

  'what is stored as fresh is known from then on': async (given) => {
    const { store, leaseMs } = given;
    const fresh = ['m-1', 'm-2', 'm-3'].map((id) => message(id, { fresh: true }));
    await store.save([...fresh, message('m-4')]);
    await store.save(fresh.map(({ id }) => message(id)));
    deepEqual(await store.counts(), { pending: 4, dead: 0 });
    const claims = await store.claim({ limit: 10, leaseMs });
    await store.save(fresh.map(({ id }) => message(id)));
    deepEqual(await store.claim({ limit: 10, leaseMs }), []);
    for (const claim of claims) equal(await store.markReplayed(claim), true);
  },

  'one id under two keys is two messages': async ({ store, leaseMs }) => {
    await store.save([message('m-1'), message('m-1', { key: 'account-2' })]);
    const claims = await store.claim({ limit: 10, leaseMs });
    deepEqual(claims.map((claim) => claim.message.key).toSorted(), ['account-1', 'account-2']);
    for (const claim of claims) equal(await store.markReplayed(claim), true);
    deepEqual(await store.counts(), { pending: 0, dead: 0 });
  },

  'twenty callers that save the same messages store them once': async ({ store, leaseMs }) => {
    const same = ['m-1', 'm-2', 'm-3'].map((id) => message(id));
    await Promise.all(Array.from({ length: 20 }, (_, at) => store.save(at % 2 ? same : same.toReversed())));
    deepEqual(await store.counts(), { pending: 3, dead: 0 });
    deepEqual(ids(await store.claim({ limit: 10, leaseMs })).toSorted(), ['m-1', 'm-2', 'm-3']);
  },
};

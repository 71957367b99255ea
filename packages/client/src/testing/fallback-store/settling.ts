import { deepEqual, equal } from 'node:assert/strict';
import { claimOne, ids, message, messages, type Given, type Scenario } from './scenario.ts';

/** A claim whose lease has ended, and the one that took its place. */
async function overtaken(given: Given) {
  await given.store.save([message('m-1')]);
  const old = await claimOne(given);
  await given.elapse(given.leaseMs + 1);
  return { old, newest: await claimOne(given) };
}

/** What `markReplayed` and `markFailed` promise. */
export const settling: Readonly<Record<string, Scenario>> = {
  'a replayed message is gone': async (given) => {
    const { store, elapse, leaseMs } = given;
    await store.save([message('m-1')]);
    equal(await store.markReplayed(await claimOne(given)), true);
    await elapse(leaseMs + 1);
    deepEqual(await store.claim({ limit: 10, leaseMs }), []);
    deepEqual(await store.counts(), { pending: 0, dead: 0 });
  },

  'a failed message is due again after its wait, and not before': async (given) => {
    const { store, elapse, leaseMs } = given;
    await store.save([message('m-1')]);
    const claim = await claimOne(given);
    equal(await store.markFailed(claim, { error: 'refused', retryAfterMs: 2 * leaseMs }), true);
    await elapse(leaseMs + 1);
    deepEqual(await store.claim({ limit: 10, leaseMs }), []);
    deepEqual(await store.counts(), { pending: 1, dead: 0 });
    await elapse(leaseMs);
    const again = await claimOne(given);
    deepEqual({ ...again.message }, message('m-1', { error: 'refused' }));
    equal(again.attempt, 2);
  },

  'a failed message does not hold up the ones behind it': async (given) => {
    const { store, leaseMs } = given;
    await store.save(messages(2));
    const [first] = await store.claim({ limit: 1, leaseMs });
    if (first) await store.markFailed(first, { error: 'refused', retryAfterMs: leaseMs });
    deepEqual(ids(await store.claim({ limit: 10, leaseMs })), ['m-1']);
  },

  'a failed message whose wait is below 0 goes ahead of what became due since then': async (given) => {
    const { store, nowMs, elapse, leaseMs } = given;
    const firstAtMs = await nowMs();
    await store.save([message('m-1', { storedAtMs: firstAtMs })]);
    const first = await claimOne(given);
    await elapse(1_000);
    await store.save([message('m-2', { storedAtMs: firstAtMs + 1_000 })]);
    await store.markFailed(first, { error: 'refused', retryAfterMs: -1_000_000 });
    deepEqual(ids(await store.claim({ limit: 10, leaseMs })), ['m-1', 'm-2']);
  },

  'a claim of a message that was not tried does not count as an attempt': async (given) => {
    const { store } = given;
    await store.save([message('m-1')]);
    await store.markFailed(await claimOne(given), { error: 'refused', retryAfterMs: 0 });
    const untried = await claimOne(given);
    equal(untried.attempt, 2);
    equal(await store.markFailed(untried, { error: 'refused', retryAfterMs: 0, untried: true }), true);
    equal(await store.markReplayed(untried), false);
    equal((await claimOne(given)).attempt, 2);
  },

  'a dead message is kept, counted and never claimed again': async (given) => {
    const { store, elapse, leaseMs } = given;
    await store.save([message('m-1')]);
    equal(await store.markFailed(await claimOne(given), { error: 'too long', dead: true }), true);
    await elapse(10 * leaseMs);
    deepEqual(await store.claim({ limit: 10, leaseMs }), []);
    deepEqual(await store.counts(), { pending: 0, dead: 1 });
  },

  'a claim that is settled settles nothing more': async (given) => {
    const { store } = given;
    await store.save(messages(3));
    const claims = await store.claim({ limit: 3, leaseMs: given.leaseMs });
    const [replayed, failed, dead] = claims;
    if (!replayed || !failed || !dead) throw new Error(`expected 3 claims, found ${claims.length}`);
    await store.markReplayed(replayed);
    await store.markFailed(failed, { error: 'refused', retryAfterMs: given.leaseMs });
    await store.markFailed(dead, { error: 'refused', dead: true });
    for (const claim of claims) {
      equal(await store.markReplayed(claim), false);
      equal(await store.markFailed(claim, { error: 'again', dead: true }), false);
    }
    deepEqual(await store.counts(), { pending: 1, dead: 1 });
  },

  'a claim whose lease has ended still settles while nobody took its place': async (given) => {
    await given.store.save([message('m-1')]);
    const claim = await claimOne(given);
    await given.elapse(given.leaseMs + 1);
    equal(await given.store.markReplayed(claim), true);
    deepEqual(await given.store.counts(), { pending: 0, dead: 0 });
  },

  'an overtaken claim settles nothing, the newest one does': async (given) => {
    const { store } = given;
    const { old, newest } = await overtaken(given);
    equal(await store.markReplayed(old), false);
    equal(await store.markFailed(old, { error: 'late', dead: true }), false);
    equal(await store.markFailed(old, { error: 'late', retryAfterMs: 0 }), false);
    deepEqual(await store.counts(), { pending: 1, dead: 0 });
    deepEqual(await store.claim({ limit: 10, leaseMs: given.leaseMs }), []);
    equal(await store.markReplayed(newest), true);
  },

  'a claim of a message that was replayed and stored anew settles nothing': async (given) => {
    const { store, leaseMs } = given;
    const { old, newest } = await overtaken(given);
    await store.markReplayed(newest);
    await store.save([message('m-1')]);
    // A store that remembers what was replayed has nothing to claim here.
    const [anew] = await store.claim({ limit: 10, leaseMs });
    equal(await store.markReplayed(old), false);
    equal(await store.markReplayed(newest), false);
    equal(await store.markFailed(old, { error: 'late', dead: true }), false);
    if (anew) equal(await store.markReplayed(anew), true);
    deepEqual(await store.counts(), { pending: 0, dead: 0 });
  },
};

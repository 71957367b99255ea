import { deepEqual, equal, notEqual } from 'node:assert/strict';
import type { StoredClaim } from '../../contract/index.ts';
import { claimAll, claimOne, ids, message, messages, type Scenario } from './scenario.ts';

const CLAIMERS = 20;
const CONTESTED = 200;
const CONTESTED_LIMIT = 5;

/** What `claim` promises. */
export const claiming: Readonly<Record<string, Scenario>> = {
  'the oldest message is claimed first': async ({ store, leaseMs }) => {
    const [first, second, third] = messages(3);
    await store.save([third, first, second].flatMap((one) => one ?? []));
    deepEqual(ids(await store.claim({ limit: 2, leaseMs })), ['m-0', 'm-1']);
    deepEqual(ids(await store.claim({ limit: 2, leaseMs })), ['m-2']);
  },

  'no claim gives more messages than its limit': async ({ store, leaseMs }) => {
    await store.save(messages(30));
    equal((await store.claim({ limit: 1, leaseMs })).length, 1);
    equal((await store.claim({ limit: 25, leaseMs })).length, 25);
    equal((await store.claim({ limit: 25, leaseMs })).length, 4);
  },

  'a message of a client whose clock is ahead is due at once': async (given) => {
    const storedAtMs = (await given.nowMs()) + 3_600_000;
    await given.store.save([message('m-1', { storedAtMs })]);
    deepEqual({ ...(await claimOne(given)).message }, message('m-1', { storedAtMs }));
  },

  'a claimed message is pending, and nobody else gets it while the lease lasts': async (given) => {
    const { store, leaseMs, elapse } = given;
    await store.save([message('m-1')]);
    await claimOne(given);
    await elapse(leaseMs / 2);
    deepEqual(await store.claim({ limit: 10, leaseMs }), []);
    deepEqual(await store.counts(), { pending: 1, dead: 0 });
  },

  'a message whose lease has ended is claimed again, as the next attempt': async (given) => {
    await given.store.save([message('m-1')]);
    const first = await claimOne(given);
    await given.elapse(given.leaseMs + 1);
    const second = await claimOne(given);
    deepEqual({ ...second.message }, message('m-1'));
    equal(second.attempt, 2);
    notEqual(second.token, first.token);
  },

  'twenty claimers at once share the messages, and no two get the same': async (given) => {
    await given.store.save(messages(CONTESTED));
    const claimUntilEmpty = async () => {
      const own: StoredClaim[] = [];
      for await (const claims of claimAll(given, CONTESTED_LIMIT, CONTESTED)) own.push(...claims);
      return own;
    };
    const claims = (await Promise.all(Array.from({ length: CLAIMERS }, claimUntilEmpty))).flat();
    // A claimer may find nothing while others are busy with what is due: what is left is there for the next one.
    claims.push(...(await claimUntilEmpty()));
    equal(new Set(ids(claims)).size, CONTESTED, 'every message is claimed');
    equal(claims.length, CONTESTED, 'no message is claimed twice');
  },

  'every attempt counts, whether it failed, or its lease ended': async (given) => {
    const { store, elapse, leaseMs } = given;
    await store.save([message('m-1')]);
    await claimOne(given);
    await elapse(leaseMs + 1);
    const second = await claimOne(given);
    await store.markFailed(second, { error: 'refused', retryAfterMs: 0 });
    await elapse(1);
    equal((await claimOne(given)).attempt, 3);
  },
};

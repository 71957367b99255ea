import { equal } from 'node:assert/strict';
import type { FallbackStore } from '../../contract/index.ts';
import { claimOne, message, type Given, type Scenario } from './scenario.ts';

const HOUR_MS = 3_600_000;

/** What a host with a wrong clock does with the store; the others, whose clocks are right, must see its message. */
const deeds: Readonly<Record<string, (host: FallbackStore, given: Given, aheadMs: number) => Promise<void>>> =
  {
    'saved is due at once': async (host, given, aheadMs) => {
      await host.save([message('m-1', { storedAtMs: (await given.nowMs()) + aheadMs })]);
    },

    'claimed is due again after its lease': async (host, given) => {
      await given.store.save([message('m-1')]);
      await claimOne({ ...given, store: host });
      await given.elapse(given.leaseMs + 1);
    },

    'could not replay is due again after its wait': async (host, given) => {
      await given.store.save([message('m-1')]);
      const claim = await claimOne(given);
      equal(await host.markFailed(claim, { error: 'refused', retryAfterMs: given.leaseMs }), true);
      await given.elapse(given.leaseMs + 1);
    },
  };

function scenarios(clock: string, aheadMs: number) {
  return Object.entries(deeds).map(([deed, run]): [string, Scenario] => [
    `what a host whose clock is an hour ${clock} ${deed}`,
    async (given) => {
      await run(given.seenFrom({ aheadMs }), given, aheadMs);
      await claimOne(given);
    },
  ]);
}

/** What a store promises where the clocks of hosts disagree. */
export const skew: Readonly<Record<string, Scenario>> = Object.fromEntries([
  ...scenarios('ahead', HOUR_MS),
  ...scenarios('behind', -HOUR_MS),
]);

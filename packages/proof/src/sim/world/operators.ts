import type { Arrivals } from './arrivals.ts';
import { identityOf } from '../parts/identity.ts';
import type { Queue } from './queue.ts';
import type { World } from './world.ts';

/** A message that is sent twice is so within this time. */
const LAST_COPY_MS = 60_000;

/** How often somebody who takes messages looks for some. */
const THEFT_EVERY_MS = 4_000;

export function planOperators(world: World, queue: Queue, arrivals: Arrivals): void {
  const { time, faults, scenario, judge, trace } = world;
  const random = world.random.fork();
  const plan = (times: number, fault: Parameters<typeof faults.count>[0], act: () => void) => {
    for (let left = times; left > 0; left--) {
      time.after(random.next() * scenario.faultsMs, () => {
        trace.note('operator', fault);
        faults.count(fault);
        act();
      });
    }
  };
  plan(scenario.purges, 'queue-purged', () => {
    queue.purge();
    judge.order.disturbed();
    const pauseMs = random.chance(0.5) ? 0 : random.between(0, 300_000);
    const leftMs = scenario.faultsMs - time.clock.monotonicMs() - pauseMs - LAST_COPY_MS;
    const overMs = Math.max(0, Math.min(leftMs, random.between(0, 900_000)));
    time.after(pauseMs, () => arrivals.more(5 + random.below(40), overMs));
  });
  plan(scenario.thefts, 'second-consumer', () => {
    const steal = (left: number) => {
      queue.takeVisible(1 + random.below(10));
      if (left > 0) time.after(THEFT_EVERY_MS, () => steal(left - 1));
    };
    steal(5 + random.below(60));
  });
  plan(scenario.redrives, 'dead-letters-moved-back', () => {
    for (const { body, attributes } of queue.letters.splice(0)) {
      judge.queue.movedBack(identityOf(body, queue.name));
      queue.send(body, attributes);
    }
  });
}

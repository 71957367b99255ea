import { memoryMs } from '../scenario/terms.ts';
import type { Consumers } from './consumers.ts';
import type { Episode } from './faults.ts';
import type { LimiterServer } from './limiter-service.ts';
import type { World } from './world.ts';

/** What episodes act upon, beside the world. */
interface Stage {
  readonly consumers: Consumers;
  readonly service: LimiterServer;
}

const MINUTE_MS = 60_000;

/** Plans this run's episodes: each begins somewhere in the time of faults and ends within it. */
export function planEpisodes(world: World, { consumers, service }: Stage): void {
  const { time, faults, scenario, judge, trace, upstream } = world;
  const random = world.random.fork();
  const leftMs = () => Math.max(0, scenario.faultsMs - time.clock.monotonicMs());
  const plan = (episode: Episode, begin: () => boolean) => {
    for (let left = faults.times(episode); left > 0; left--) {
      time.after(random.next() * scenario.faultsMs, () => {
        if (!begin()) return;
        trace.note('episode', episode);
        faults.count(episode);
      });
    }
  };
  const aHost = () => {
    const busy = consumers.busyHosts();
    return busy[random.below(Math.max(1, busy.length))];
  };

  plan('limiter-outage', () => {
    service.down = true;
    // A question that is late may be decided in the middle of it.
    judge.order.disturbed();
    time.after(Math.min(leftMs(), random.between(0.1, 5) * MINUTE_MS), () => {
      service.down = false;
      judge.order.disturbed();
    });
    return true;
  });
  plan('limiter-silent-for-some-keys', () => {
    const silent = scenario.keys.filter(() => random.chance(0.5));
    if (silent.length === 0) return false;
    for (const key of silent) service.silentKeys.add(key);
    for (const key of silent) judge.order.disturbed(key);
    time.after(Math.min(leftMs(), random.between(0.1, 5) * MINUTE_MS), () => {
      for (const key of silent) service.silentKeys.delete(key);
      for (const key of silent) judge.order.disturbed(key);
    });
    return true;
  });
  plan('limiter-clock-back', () => {
    service.stepClock(-random.between(1, 90) * MINUTE_MS);
    return true;
  });
  plan('limiter-clock-forward', () => {
    service.stepClock(random.between(0.1, 90) * MINUTE_MS);
    return true;
  });
  plan('limiter-restart-empty', () => {
    service.restart();
    return true;
  });
  // What is on its way then is more than a few, and arrives when the limiter knows nothing of it.
  plan('limiter-restart-under-way', () => {
    const slowMs = 0.8 * Math.min(scenario.leaseMs, scenario.deliverTimeoutMs);
    upstream.slowMs = slowMs;
    time.after(Math.min(leftMs(), random.between(0.5, 2) * slowMs), () => {
      upstream.slowMs = 0;
      service.restart();
    });
    return true;
  });
  plan('limiter-failover', () => {
    service.failOver(random.between(0, 10_000));
    return true;
  });
  plan('consumers-down', () => {
    consumers.down = true;
    time.after(Math.min(leftMs(), random.between(0.5, 10) * MINUTE_MS), () => {
      consumers.down = false;
      judge.order.disturbed();
      consumers.poll();
    });
    return true;
  });
  plan('wall-clock-step', () => {
    const host = aHost();
    host?.stepClock(random.between(-5, 5) * MINUTE_MS);
    return host !== undefined;
  });
  plan('freeze', () => {
    const host = aHost();
    host?.freeze(Math.min(leftMs(), random.between(0.5, 2.5) * scenario.leaseMs));
    return host !== undefined;
  });
  if (scenario.localShare !== undefined) planLongOutages(world, { consumers, service });
}

/** Long enough for processes to decide alone: for all of them, or for some while the others go on. */
function planLongOutages(world: World, { consumers, service }: Stage): void {
  const { time, faults, scenario, judge, trace } = world;
  const random = world.random.fork();
  const untilAloneMs = scenario.leaseMs + memoryMs(scenario.limits) + scenario.marginMs;
  for (let left = 1 + random.below(3); left > 0; left--) {
    const forMs = untilAloneMs + random.between(0.5, 8) * MINUTE_MS;
    const atMs = random.next() * Math.max(0, scenario.faultsMs - forMs);
    const forAll = random.chance(0.5);
    time.after(atMs, () => {
      const cutOff = consumers.hosts().filter(() => forAll || random.chance(0.5));
      const fault = forAll ? 'limiter-outage-beyond-a-window' : 'limiter-out-of-reach-of-some';
      trace.note('episode', fault);
      faults.count(fault);
      if (forAll) service.down = true;
      judge.order.disturbed();
      for (const host of cutOff) service.outOfReachOf.add(host);
      time.after(Math.min(scenario.faultsMs - atMs, forMs), () => {
        if (forAll) service.down = false;
        judge.order.disturbed();
        for (const host of cutOff) service.outOfReachOf.delete(host);
      });
    });
  }
}

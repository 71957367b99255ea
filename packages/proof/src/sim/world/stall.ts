import type { Consumers } from './consumers.ts';
import type { World } from './world.ts';

/** A while in which calls do not get through to the upstream, or in which every process stands still. */
export interface Stall {
  readonly of: 'upstream' | 'processes';
  readonly atMs: number;
  readonly forMs: number;
}

export function planStall({ time, upstream }: World, consumers: Consumers, stall: Stall): void {
  time.after(stall.atMs, () => {
    if (stall.of === 'upstream') upstream.stalledUntilMs = stall.atMs + stall.forMs;
    else for (const host of consumers.busyHosts()) host.freeze(stall.forMs);
  });
}

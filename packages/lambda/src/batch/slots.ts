import type { Clock } from '@huntaze/rate-limiter-client/contract';

/** Bounds how many messages are asked about or delivered at once. */
export interface Slots {
  /** Runs work as soon as a slot is free, in the order of the calls. */
  run<Result>(work: () => Promise<Result>): Promise<Result>;
}

export function openSlots(count: number): Slots {
  let free = count;
  const waiting: (() => void)[] = [];
  return {
    async run(work) {
      if (free > 0) free--;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        return await work();
      } finally {
        const next = waiting.shift();
        if (next) next();
        else free++;
      }
    },
  };
}

/** Sleepers whose time comes within the same millisecond wake together, so that they can ask together. */
export function openAlarms(clock: Clock): (ms: number) => Promise<void> {
  const alarms = new Map<number, Promise<void>>();
  return async (ms) => {
    const atMs = Math.ceil(clock.monotonicMs() + ms);
    const alarm =
      alarms.get(atMs) ??
      clock.sleep(Math.max(0, atMs - clock.monotonicMs())).then(() => void alarms.delete(atMs));
    alarms.set(atMs, alarm);
    await alarm;
  };
}

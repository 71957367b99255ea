import type { Clock } from '@huntaze/rate-limiter-client/contract';

/** Bounds how many messages of a batch ask or are delivered at once. A held message needs no slot. */
export interface Slots {
  /** Resolves when a slot is free, in the order of the calls. Every slot taken must be freed. */
  take(): Promise<void>;
  free(): void;
  /** Sleeps. Sleepers due within the same millisecond wake together, so that they can ask together. */
  pause(ms: number): Promise<void>;
}

export function openSlots(count: number, clock: Clock): Slots {
  let left = count;
  const waiting: (() => void)[] = [];
  const alarms = new Map<number, Promise<void>>();
  return {
    async take() {
      if (left > 0) left--;
      else await new Promise<void>((resolve) => waiting.push(resolve));
    },
    free() {
      const next = waiting.shift();
      if (next) next();
      else left++;
    },
    async pause(ms) {
      const atMs = Math.ceil(clock.monotonicMs() + ms);
      const alarm =
        alarms.get(atMs) ??
        clock.sleep(Math.max(0, atMs - clock.monotonicMs())).then(() => void alarms.delete(atMs));
      alarms.set(atMs, alarm);
      await alarm;
    },
  };
}

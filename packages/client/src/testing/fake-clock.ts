import type { Clock } from '../contract/index.ts';

/** A clock that stands still until a test moves it. */
export interface FakeClock extends Clock {
  /** Moves time forward, waking every sleeper at its own instant, in order. */
  advance(ms: number): Promise<void>;
  /** Steps the wall clock alone, as a time server would; sleepers and measurements do not notice. */
  step(ms: number): void;
  /** How many sleepers wait. */
  readonly sleeping: number;
}

/** A {@link FakeClock} that starts at `startMs`, by default 2026-01-01T00:00:00Z. */
export function fakeClock(startMs = Date.UTC(2026, 0, 1)): FakeClock {
  let elapsedMs = 0;
  let wallOffsetMs = startMs;
  const sleepers = new Set<{ readonly atMs: number; readonly wake: () => void }>();

  const nextDue = (untilMs: number) =>
    [...sleepers].filter(({ atMs }) => atMs <= untilMs).toSorted((a, b) => a.atMs - b.atMs)[0];

  return {
    nowMs: () => wallOffsetMs + elapsedMs,
    monotonicMs: () => elapsedMs,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const wake = () => {
          sleepers.delete(sleeper);
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        const sleeper = { atMs: elapsedMs + ms, wake };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', wake, { once: true });
      }),
    async advance(ms) {
      const untilMs = elapsedMs + ms;
      await settleMicrotasks();
      for (let sleeper = nextDue(untilMs); sleeper; sleeper = nextDue(untilMs)) {
        elapsedMs = Math.max(elapsedMs, sleeper.atMs);
        sleeper.wake();
        await settleMicrotasks();
      }
      elapsedMs = untilMs;
    },
    step: (ms) => {
      wallOffsetMs += ms;
    },
    get sleeping() {
      return sleepers.size;
    },
  };
}

/** Lets everything that is ready run before time moves on: one turn of the event loop drains all microtasks. */
function settleMicrotasks(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

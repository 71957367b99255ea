import type { Clock } from '@huntaze/rate-limiter-client/contract';

/** How a {@link restlessClock} behaves: what each read adds, and by how much each timer is late, or early if negative. */
export interface Restlessness {
  readonly readMs: () => number;
  readonly timerErrorMs: () => number;
}

/** A clock that goes on by itself, as the system's does. */
export interface RestlessClock extends Clock {
  /** Resolves when nothing sleeps and nothing else is ready to run: what has not ended by then never will. */
  standstill(): Promise<void>;
}

/** Two reads never give the same time, and no timer fires exactly when it should: both are normal. */
export function restlessClock({ readMs, timerErrorMs }: Restlessness): RestlessClock {
  let elapsedMs = 1_000;
  let pumping = false;
  const sleepers = new Set<{ readonly atMs: number; readonly wake: () => void }>();
  const read = () => (elapsedMs += readMs());
  const pump = () => {
    const [first] = [...sleepers].toSorted((a, b) => a.atMs - b.atMs);
    pumping = first !== undefined;
    if (!first) return;
    elapsedMs = Math.max(elapsedMs, first.atMs);
    first.wake();
    setImmediate(pump);
  };
  return {
    nowMs: () => Date.UTC(2026, 0, 1) + read(),
    monotonicMs: read,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const wake = () => {
          sleepers.delete(sleeper);
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        const sleeper = { atMs: elapsedMs + Math.max(0, ms + timerErrorMs()), wake };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', wake, { once: true });
        if (!pumping) setImmediate(pump);
        pumping = true;
      }),
    async standstill() {
      // A few turns in a row: what was woken last may be about to sleep again.
      for (let quiet = 0; quiet < 5; quiet = sleepers.size > 0 ? 0 : quiet + 1) await turn();
    },
  };
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

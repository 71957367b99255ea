/** Time as the rest of the code sees it. Everything that waits or measures takes one, so tests and simulations own time. */
export interface Clock {
  /** Wall-clock instant in milliseconds since 1970. May jump; use it for instants that leave the process. */
  nowMs(): number;
  /** Milliseconds from an arbitrary start; never goes back. Use it to measure. */
  monotonicMs(): number;
  /** Resolves after `ms` milliseconds, or at once when `signal` aborts. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The process's own clock and timers. */
export const systemClock: Clock = clockOf(() => {});

/** The same, but sleepers do not keep the process alive: for what happens beside the work. */
export const backgroundClock: Clock = clockOf((timer) => timer.unref());

function clockOf(started: (timer: NodeJS.Timeout) => void): Clock {
  return {
    nowMs: () => Date.now(),
    monotonicMs: () => performance.now(),
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const wake = () => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        const timer = setTimeout(wake, ms);
        started(timer);
        signal?.addEventListener('abort', wake, { once: true });
      }),
  };
}

import type { Clock } from '@huntaze/rate-limiter-client/contract';
import { Heap } from './heap.ts';
import type { SeededRandom } from './random.ts';

interface Event {
  readonly atMs: number;
  /** Orders events of one instant: drawn from the seed, so that no order is relied on. */
  readonly tie: number;
  readonly run: () => void;
}

/** Time that moves from event to event, as fast as the processor goes. */
export interface VirtualTime {
  readonly clock: Clock;
  at(atMs: number, run: () => void): void;
  after(ms: number, run: () => void): void;
  /** Runs events until none is left or `untilMs` has passed. */
  run(untilMs: number): Promise<void>;
  readonly steps: number;
}

export function virtualTime(random: SeededRandom, startMs = Date.UTC(2026, 0, 1)): VirtualTime {
  const events = new Heap<Event>((a, b) => a.atMs < b.atMs || (a.atMs === b.atMs && a.tie < b.tie));
  let nowMs = startMs;
  let steps = 0;

  const at = (atMs: number, run: () => void) =>
    events.push({ atMs: Math.max(atMs, nowMs), tie: random.next(), run });
  const after = (ms: number, run: () => void) => at(nowMs + ms, run);

  return {
    clock: {
      nowMs: () => nowMs,
      monotonicMs: () => nowMs - startMs,
      sleep: (ms, signal) =>
        new Promise((resolve) => {
          if (signal?.aborted) return resolve();
          signal?.addEventListener('abort', () => resolve(), { once: true });
          after(Math.max(0, ms), resolve);
        }),
    },
    at,
    after,
    async run(untilMs) {
      await settled();
      for (let event = events.pop(); event && event.atMs <= untilMs; event = events.pop()) {
        nowMs = event.atMs;
        steps++;
        event.run();
        await settled();
      }
    },
    get steps() {
      return steps;
    },
  };
}

/** Everything that an event set in motion has come to rest: microtasks run before the next turn of the loop. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

import type { Clock } from '@huntaze/rate-limiter-client/contract';
import { Heap } from './heap.ts';
import type { SeededRandom } from './random.ts';

interface Event {
  readonly atMs: number;
  /** Orders events of one instant: drawn from the seed, so that no order is relied on. */
  readonly tie: number;
  readonly run: () => void;
  cancelled: boolean;
}

/** Time that moves from event to event, as fast as the processor goes. */
export interface VirtualTime {
  readonly clock: Clock;
  /** Runs something after `ms`; the answer calls it off. */
  after(ms: number, run: () => void): () => void;
  /** Runs events until none is left, `untilMs` has passed or `stop` was called. */
  run(untilMs: number): Promise<void>;
  /** Lets time pass while the event of this moment runs. What is planned for meanwhile runs late. */
  pass(ms: number): void;
  /** Ends `run` after the event of this moment. */
  stop(): void;
  readonly steps: number;
  /** Whether `run` ended because something went on and on without any time passing. */
  readonly standsStill: boolean;
}

/** So many events within a millisecond are no work but a loop that waits for nothing. */
const MOST_AT_ONCE = 100_000;

export function virtualTime(random: SeededRandom, startMs = Date.UTC(2026, 0, 1)): VirtualTime {
  const events = new Heap<Event>((a, b) => a.atMs < b.atMs || (a.atMs === b.atMs && a.tie < b.tie));
  let nowMs = startMs;
  let steps = 0;
  const state = { stopped: false, standsStill: false };
  let moved = { atMs: nowMs, steps: 0 };
  /** Notes when time last passed. */
  const look = () => {
    if (nowMs - moved.atMs >= 1) moved = { atMs: nowMs, steps };
    state.standsStill = steps - moved.steps > MOST_AT_ONCE;
    state.stopped ||= state.standsStill;
  };

  const after = (ms: number, run: () => void) => {
    const event = { atMs: nowMs + Math.max(0, ms), tie: random.next(), run, cancelled: false };
    events.push(event);
    return () => {
      event.cancelled = true;
    };
  };

  return {
    clock: {
      nowMs: () => nowMs,
      monotonicMs: () => nowMs - startMs,
      sleep: (ms, signal) => sleepBy(after, ms, signal),
    },
    after,
    async run(untilMs) {
      await settled();
      for (let event = events.pop(); event && event.atMs <= untilMs && !state.stopped; event = events.pop()) {
        if (event.cancelled) continue;
        nowMs = Math.max(nowMs, event.atMs);
        steps++;
        look();
        event.run();
        await settled();
      }
    },
    pass(ms) {
      nowMs += ms;
    },
    stop() {
      state.stopped = true;
    },
    get steps() {
      return steps;
    },
    get standsStill() {
      return state.standsStill;
    },
  };
}

/** A sleep, made of something that runs later and can be called off. */
export function sleepBy(after: VirtualTime['after'], ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const cancel = after(ms, () => {
      signal?.removeEventListener('abort', wake);
      resolve();
    });
    const wake = () => {
      cancel();
      resolve();
    };
    signal?.addEventListener('abort', wake, { once: true });
  });
}

/** Everything that an event set in motion has come to rest: microtasks run before the next turn of the loop. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

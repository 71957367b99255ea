import type { FakeClock } from '@huntaze/rate-limiter-client/testing';

/** What processes do later. */
export interface Agenda {
  plan(inMs: number, run: () => Promise<void> | void): void;
  /** Lets time pass, with all that is planned meanwhile. */
  pass(ms: number): Promise<void>;
  /** When the next of it is planned; endless where nothing is. */
  readonly nextAtMs: number;
}

export function openAgenda(clock: FakeClock): Agenda {
  const planned: { readonly atMs: number; readonly run: () => Promise<void> | void }[] = [];
  const nextAtMs = () => planned[0]?.atMs ?? Number.POSITIVE_INFINITY;
  return {
    plan(inMs, run) {
      planned.push({ atMs: clock.nowMs() + inMs, run });
      planned.sort((a, b) => a.atMs - b.atMs);
    },
    async pass(ms) {
      const untilMs = clock.nowMs() + ms;
      while (nextAtMs() <= untilMs) {
        const { atMs, run } = planned.shift()!;
        await clock.advance(Math.max(0, atMs - clock.nowMs()));
        await run();
      }
      await clock.advance(Math.max(0, untilMs - clock.nowMs()));
    },
    get nextAtMs() {
      return nextAtMs();
    },
  };
}

import type { Clock } from '@huntaze/rate-limiter-client/contract';
import type { SettleRequest } from '../limiter/limiter.ts';

/** The silences that this process was asked for, by key: it keeps them whoever decides. */
export interface Silences {
  /** Takes note of what the upstream asks for with these settlements. */
  note(request: Pick<SettleRequest, 'key' | 'settlements'>): void;
  /** How long nothing may be sent. */
  leftMs(key: string): number;
}

/** Bounds the memory of silences: of more than this the oldest is forgotten. */
const MAX_KEYS = 10_000;

export function openSilences(clock: Clock): Silences {
  const untilMs = new Map<string, number>();
  const leftMs = (key: string) => {
    const left = (untilMs.get(key) ?? 0) - clock.monotonicMs();
    if (left <= 0) untilMs.delete(key);
    return Math.max(0, left);
  };
  return {
    note({ key, settlements }) {
      const holdMs = Math.max(0, ...settlements.map((one) => (one.outcome === 'release' ? one.holdMs : 0)));
      if (holdMs <= leftMs(key)) return;
      untilMs.delete(key);
      untilMs.set(key, clock.monotonicMs() + holdMs);
      const [oldest] = untilMs.keys();
      if (untilMs.size > MAX_KEYS && oldest !== undefined) untilMs.delete(oldest);
    },
    leftMs,
  };
}

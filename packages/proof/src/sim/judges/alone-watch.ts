import type { Limit, Settlement } from '@huntaze/rate-limiter-lambda';
import { wasDecidedAlone, type Call, type Heard } from '../parts/call.ts';
import { KeyWatch } from './key-watch.ts';
import { MessageWatch } from './message-watch.ts';
import { memoryMs } from '../scenario/terms.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { SilenceWatch } from './silence-watch.ts';

/** What is seen of one process and one key while, and after, that process decides alone. Instants in milliseconds. */
export class AloneWatch {
  readonly silence: SilenceWatch;
  /** What it may use of each limit, and what it has used of that. */
  readonly share: KeyWatch;
  /** The silence that the upstream asked it for when it decided alone. */
  silentUntilMs = 0;
  /** When it last began a call that it had decided on alone, or heard of one; and when one last arrived. */
  aloneAtMs = Number.NEGATIVE_INFINITY;
  #arrivedAtMs = Number.NEGATIVE_INFINITY;
  #throughLimiterAtMs = Number.NEGATIVE_INFINITY;
  readonly #messages = new Map<string, MessageWatch>();
  readonly #awayMs: number;

  constructor({ limits, localShare = 0, timeoutMs }: Scenario) {
    this.silence = new SilenceWatch(timeoutMs);
    this.share = new KeyWatch(limits.map((limit) => partOf(limit, localShare)));
    this.#awayMs = longestMs(limits);
  }

  message(identity: string): MessageWatch {
    const known = this.#messages.get(identity) ?? new MessageWatch();
    this.#messages.set(identity, known);
    return known;
  }

  keepSilent(untilMs: number): void {
    this.silentUntilMs = Math.max(this.silentUntilMs, untilMs);
  }

  /** Between what a process decides alone and what it is granted lies a window. @returns what is wrong, if anything. */
  arrived(call: Call, nowMs: number): string | undefined {
    const alone = wasDecidedAlone(call);
    const apartMs = nowMs - (alone ? this.#throughLimiterAtMs : this.#arrivedAtMs);
    if (alone) this.#arrivedAtMs = nowMs;
    else this.#throughLimiterAtMs = nowMs;
    if (apartMs >= this.#awayMs) return undefined;
    return `called alone and through the limiter within ${Math.round(apartMs)} ms, ${this.#awayMs} ms must lie between`;
  }

  /** It returns what the limiter granted, and holds the key. @returns what is wrong, if anything. */
  givenBack(holdMs: number, nowMs: number): string | undefined {
    const shortMs = this.#arrivedAtMs + this.#awayMs - nowMs - holdMs;
    return shortMs > 0 ? `held ${Math.ceil(shortMs)} ms too short for what was admitted alone` : undefined;
  }

  /** What its own limiter makes of what it has heard. @returns whether the claim was still open. */
  settle({ identity, claim: { id, token } }: Call, heard: Heard, nowMs: number): boolean {
    const message = this.message(identity);
    if (!message.isOpen(token)) return false;
    message.settle(settlementOf({ id, token }, heard), nowMs);
    return true;
  }
}

function settlementOf(claimed: Pick<Settlement, 'id' | 'token'>, heard: Heard): Settlement {
  switch (heard.kind) {
    case 'accepted':
      return { ...claimed, outcome: 'delivered' };
    case 'silence':
      return { ...claimed, outcome: 'release', holdMs: heard.holdMs };
    case 'failed':
      // How long it waits is its own business: here it may be tried again at once.
      return { ...claimed, outcome: 'retry', retryAfterMs: 0 };
  }
}

/** Rounded down to whole messages, but not because of how fractions are written. */
export function partOf(limit: Limit, share: number): Limit {
  const part = (whole: number) => Math.floor(whole * share + 1e-9);
  return limit.kind === 'sliding-window'
    ? { ...limit, limit: part(limit.limit) }
    : { ...limit, capacity: part(limit.capacity), refillPerMinute: limit.refillPerMinute * share };
}

/** The longest window; where there is none, what the slowest bucket takes to fill. */
export function longestMs(limits: readonly Limit[]): number {
  const windows = limits.filter(({ kind }) => kind === 'sliding-window');
  return memoryMs(windows.length > 0 ? windows : limits);
}

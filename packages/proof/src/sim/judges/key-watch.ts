import type { Limit, SlidingWindow } from '@huntaze/rate-limiter-lambda';
import { BucketWatch } from './bucket-watch.ts';

/** A call whose claim the limiter had lost track of when it arrived, and since when it knows of it again. */
interface Untracked {
  readonly atMs: number;
  readonly cost: number;
  heardAtMs: number;
}

/** A place that was granted: when, after how many others, and under which windows. */
interface Grant {
  readonly atMs: number;
  readonly order: number;
  readonly windows: readonly string[];
}

interface Arrived extends Grant {
  readonly arrivedAtMs: number;
  readonly cost: number;
}

/**
 * What is seen of one key: calls that arrived, places that were granted, silence that was asked for. Instants in
 * milliseconds.
 *
 * A limit is kept for whoever asks about it, and whoever else asks about others: when a call was admitted under a window,
 * it and all that were admitted before it, under whatever limits, take no more places of that window than there are.
 */
export class KeyWatch {
  newestToken = 0;
  holdUntilMs = 0;
  /** Claims whose effect may go unrecorded, because a fault met them. */
  readonly excused = new Set<number>();
  /** Claims whose effect nobody can know of: the upstream denied it, or a frozen process made its call after its lease. */
  readonly unaccountable = new Set<number>();
  #forgotten = false;
  #granted = 0;
  readonly #arrived: Arrived[] = [];
  readonly #grants = new Map<number, Grant>();
  readonly #untracked = new Map<number, Untracked>();
  readonly #asked = new Map<string, SlidingWindow>();
  readonly #buckets = new BucketWatch();
  readonly #limits: readonly Limit[];

  /** @param limits those of whoever names none. */
  constructor(limits: readonly Limit[] = []) {
    this.#limits = limits;
    this.#ask(limits);
  }

  /** Windows hold what arrives upstream. @returns what is wrong, if anything. */
  arrived(atMs: number, token: number, cost = 1): string | undefined {
    const grant = this.#grants.get(token) ?? this.#grant(0, this.#limits);
    this.#arrived.push({ ...grant, arrivedAtMs: atMs, cost });
    for (const [name, { limit, windowMs }] of this.#asked) {
      const within = this.#arrivedWithin(windowMs, atMs);
      const last = within.findLast(({ windows }) => windows.includes(name));
      if (!last) continue;
      const counted = within.filter(({ order }) => order <= last.order);
      const places = counted.reduce((sum, call) => sum + call.cost, 0);
      if (places > limit) {
        const spanMs = atMs - Math.min(...counted.map(({ arrivedAtMs }) => arrivedAtMs));
        return `calls for ${places} places within ${spanMs.toFixed(3)} ms, ${limit} per ${windowMs} ms are allowed`;
      }
      const heard = this.#heardBefore(last.atMs, atMs - windowMs);
      if (heard > 0 && places + heard > limit)
        return `calls for ${places} places within a window, and for ${heard} that were forgotten and heard of again`;
    }
    return undefined;
  }

  /** In the order in which they were granted. */
  #arrivedWithin(windowMs: number, nowMs: number): readonly Arrived[] {
    const before = this.#arrived.findLastIndex(({ arrivedAtMs }) => nowMs - arrivedAtMs >= windowMs);
    return this.#arrived.slice(before + 1).toSorted((a, b) => a.order - b.order);
  }

  arrivedUntracked(token: number, atMs: number, cost: number): void {
    this.#untracked.set(token, { atMs, cost, heardAtMs: Number.POSITIVE_INFINITY });
  }

  /** The limiter is told how this delivery ended, whether it remembers it or not. */
  heardOf(token: number, nowMs: number): void {
    const call = this.#untracked.get(token);
    if (call) call.heardAtMs = Math.min(call.heardAtMs, nowMs);
  }

  /** For how many places forgotten calls had arrived since, that the limiter knew of again when it granted a place. */
  #heardBefore(grantedAtMs: number, fromMs: number): number {
    let heard = 0;
    for (const call of this.#untracked.values()) {
      if (call.atMs > fromMs && call.heardAtMs < grantedAtMs) heard += call.cost;
    }
    return heard;
  }

  /** Buckets count admissions. @returns what is wrong, if anything. */
  granted(atMs: number, token: number, cost = 1, limits = this.#limits): string | undefined {
    this.#ask(limits);
    this.#grants.set(token, this.#grant(atMs, limits));
    return this.#buckets.drawn(atMs, cost, limits);
  }

  /** Nothing was sent for this grant. */
  returned(token: number, cost: number): void {
    if (this.#grants.has(token)) this.#buckets.returned(cost);
  }

  /** The limiter remembers nothing of this key. */
  forget(): void {
    this.holdUntilMs = 0;
    this.#forgotten = true;
  }

  /** Of what it remembers, the limiter carries the clock on; otherwise tokens grow only as its clock does. */
  clockSteppedBack(): void {
    if (this.#forgotten) this.newestToken = 0;
  }

  /** By the limiter's clock, what has arrived so far did so longer ago. */
  clockJumped(byMs: number): void {
    this.holdUntilMs -= byMs;
    this.#arrived.length = 0;
    this.#untracked.clear();
    this.#buckets.clockJumped(byMs);
  }

  hold(untilMs: number): void {
    this.holdUntilMs = Math.max(this.holdUntilMs, untilMs);
  }

  #ask(limits: readonly Limit[]): void {
    for (const limit of limits) if (limit.kind === 'sliding-window') this.#asked.set(nameOf(limit), limit);
  }

  #grant(atMs: number, limits: readonly Limit[]): Grant {
    const windows = limits.flatMap((limit) => (limit.kind === 'sliding-window' ? [nameOf(limit)] : []));
    return { atMs, order: this.#granted++, windows };
  }
}

function nameOf({ limit, windowMs }: SlidingWindow): string {
  return `${limit} ${windowMs}`;
}

import type { Limit } from '@huntaze/rate-limiter-lambda';

/** A call whose claim the limiter had lost track of when it arrived, and since when it knows of it again. */
interface Untracked {
  readonly atMs: number;
  readonly cost: number;
  heardAtMs: number;
}

type Bucket = { readonly capacity: number; readonly msPerToken: number; tokens: number; countedAtMs: number };

interface Arrived {
  readonly atMs: number;
  readonly cost: number;
  readonly grantedAtMs: number;
}

/** What is seen of one key: calls that arrived, places that were granted, silence that was asked for. Instants in milliseconds. */
export class KeyWatch {
  newestToken = 0;
  holdUntilMs = 0;
  /** Claims whose effect may go unrecorded, because a fault met them. */
  readonly excused = new Set<number>();
  /** Claims whose effect nobody can know of: the upstream denied it, or a frozen process made its call after its lease. */
  readonly unaccountable = new Set<number>();
  #forgotten = false;
  readonly #arrived: Arrived[] = [];
  readonly #grantedAtMs = new Map<number, number>();
  readonly #untracked = new Map<number, Untracked>();
  readonly #limits: readonly Limit[];
  readonly #buckets: readonly Bucket[];

  constructor(limits: readonly Limit[]) {
    this.#limits = limits;
    this.#buckets = limits.flatMap((limit) =>
      limit.kind === 'token-bucket'
        ? [
            {
              capacity: limit.capacity,
              msPerToken: 60_000 / limit.refillPerMinute,
              tokens: limit.capacity,
              countedAtMs: 0,
            },
          ]
        : [],
    );
  }

  /** Windows hold what arrives upstream. @returns what is wrong, if anything. */
  arrived(atMs: number, token: number, cost = 1): string | undefined {
    this.#arrived.push({ atMs, cost, grantedAtMs: this.#grantedAtMs.get(token) ?? 0 });
    for (const limit of this.#limits) {
      if (limit.kind !== 'sliding-window') continue;
      const { windowMs } = limit;
      const within = this.#arrivedWithin(windowMs, atMs);
      const places = within.reduce((sum, call) => sum + call.cost, 0);
      if (places > limit.limit) {
        const spanMs = atMs - within.at(-1)!.atMs;
        return `calls for ${places} places within ${spanMs.toFixed(3)} ms, ${limit.limit} per ${windowMs} ms are allowed`;
      }
      const lastMs = Math.max(...within.map(({ grantedAtMs }) => grantedAtMs));
      const heard = this.#heardBefore(lastMs, atMs - windowMs);
      if (heard > 0 && places + heard > limit.limit)
        return `calls for ${places} places within a window, and for ${heard} that were forgotten and heard of again`;
    }
    return undefined;
  }

  /** The newest first. */
  #arrivedWithin(windowMs: number, nowMs: number): readonly Arrived[] {
    const before = this.#arrived.findLastIndex(({ atMs }) => nowMs - atMs >= windowMs);
    return this.#arrived.slice(before + 1).toReversed();
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
  granted(atMs: number, token: number, cost = 1): string | undefined {
    this.#grantedAtMs.set(token, atMs);
    for (const bucket of this.#buckets) {
      const gained = (atMs - bucket.countedAtMs) / bucket.msPerToken;
      bucket.tokens = Math.min(bucket.capacity, bucket.tokens + gained) - cost;
      bucket.countedAtMs = atMs;
      if (bucket.tokens < -1e-3) return `a bucket of ${bucket.capacity} was drawn below nothing`;
    }
    return undefined;
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
    for (const bucket of this.#buckets) bucket.countedAtMs -= byMs;
  }

  hold(untilMs: number): void {
    this.holdUntilMs = Math.max(this.holdUntilMs, untilMs);
  }
}

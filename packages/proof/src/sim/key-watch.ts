import type { Limit } from '@huntaze/rate-limiter-lambda';

type Bucket = { readonly capacity: number; readonly msPerToken: number; tokens: number; countedAtMs: number };

/** What is seen of one key: calls that arrived, places that were granted, silence that was asked for. Instants in milliseconds. */
export class KeyWatch {
  newestToken = 0;
  holdUntilMs = 0;
  /** Claims whose effect may go unrecorded, because a fault met them. */
  readonly excused = new Set<number>();
  /** Claims whose effect nobody can know of: the upstream denied it, or a frozen process made its call after its lease. */
  readonly unaccountable = new Set<number>();
  #forgotten = false;
  readonly #arrivedAtMs: number[] = [];
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
  arrived(atMs: number): string | undefined {
    this.#arrivedAtMs.push(atMs);
    for (const limit of this.#limits) {
      if (limit.kind !== 'sliding-window') continue;
      const oneTooMany = this.#arrivedAtMs.at(-1 - limit.limit);
      if (oneTooMany !== undefined && atMs - oneTooMany < limit.windowMs) {
        return `${limit.limit + 1} calls within ${(atMs - oneTooMany).toFixed(3)} ms, ${limit.limit} per ${limit.windowMs} ms are allowed`;
      }
    }
    return undefined;
  }

  /** Buckets count admissions. @returns what is wrong, if anything. */
  granted(atMs: number): string | undefined {
    for (const bucket of this.#buckets) {
      const gained = (atMs - bucket.countedAtMs) / bucket.msPerToken;
      bucket.tokens = Math.min(bucket.capacity, bucket.tokens + gained) - 1;
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
    this.#arrivedAtMs.length = 0;
    for (const bucket of this.#buckets) bucket.countedAtMs -= byMs;
  }

  hold(untilMs: number): void {
    this.holdUntilMs = Math.max(this.holdUntilMs, untilMs);
  }
}

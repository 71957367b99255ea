import type { Limit, TokenBucket } from '@huntaze/rate-limiter-lambda';

interface Level {
  readonly capacity: number;
  readonly msPerToken: number;
  tokens: number;
  countedAtMs: number;
}

interface Draw {
  atMs: number;
  readonly cost: number;
}

/** Tokens are counted in whole microseconds by the limiter. */
const ROUNDING_TOKENS = 1e-3;

/**
 * The buckets of one key, as its grants drain them: every grant takes its tokens from every bucket that is ever asked
 * about, from its beginning. Whoever asks about another bucket leaves this one empty at worst.
 */
export class BucketWatch {
  readonly #levels = new Map<string, Level>();
  readonly #draws: Draw[] = [];

  /** A place was granted. @returns what is wrong, if anything. */
  drawn(atMs: number, cost: number, limits: readonly Limit[]): string | undefined {
    const asked = new Set(
      limits.flatMap((limit) => (limit.kind === 'token-bucket' ? [this.#level(limit)] : [])),
    );
    this.#draws.push({ atMs, cost });
    let problem: string | undefined;
    for (const level of this.#levels.values()) {
      draw(level, { atMs, cost });
      if (level.tokens >= -ROUNDING_TOKENS) continue;
      if (asked.has(level)) problem = `a bucket of ${level.capacity} was drawn below nothing`;
      else level.tokens = 0;
    }
    return problem;
  }

  /** A place was granted and nothing was sent: its tokens are there again, at the latest when the bucket is asked anew. */
  returned(cost: number): void {
    const index = this.#draws.findLastIndex((one) => one.cost === cost);
    if (index >= 0) this.#draws.splice(index, 1);
    for (const level of this.#levels.values()) level.tokens = Math.min(level.capacity, level.tokens + cost);
  }

  /** By the limiter's clock, more time has passed. */
  clockJumped(byMs: number): void {
    for (const level of this.#levels.values()) level.countedAtMs -= byMs;
    for (const one of this.#draws) one.atMs -= byMs;
  }

  #level(bucket: TokenBucket): Level {
    const name = `${bucket.capacity} ${bucket.refillPerMinute}`;
    const known = this.#levels.get(name);
    if (known) return known;
    const { capacity, refillPerMinute } = bucket;
    const level = { capacity, msPerToken: 60_000 / refillPerMinute, tokens: capacity, countedAtMs: 0 };
    for (const one of this.#draws) {
      draw(level, one);
      level.tokens = Math.max(0, level.tokens);
    }
    this.#levels.set(name, level);
    return level;
  }
}

function draw(level: Level, { atMs, cost }: Draw): void {
  const gained = (atMs - level.countedAtMs) / level.msPerToken;
  level.tokens = Math.min(level.capacity, level.tokens + gained) - cost;
  level.countedAtMs = atMs;
}

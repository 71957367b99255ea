import type { Limit, Settlement, SlidingWindow, TokenBucket } from '@huntaze/rate-limiter-lambda';

/** How many places are free, by what is seen from outside. */
export interface Free {
  readonly least: number;
  readonly most: number;
}

/** Deliveries that were admitted by one question: they count as under way until the last of their leases ends. */
interface Question {
  leaseEndMs: number;
}

interface Delivery {
  readonly cost: number;
  readonly grantedMs: number;
  readonly question: Question;
  leaseEndMs: number;
  endMs: number | undefined;
}

interface Bucket {
  readonly limit: TokenBucket;
  /** When it is full again: at the latest, from which the least follows, and at the earliest. */
  readonly fullAtMs: { least: number; most: number };
}

/** Under which a question was decided. `unknownUntilMs`: what was before it the limiter may have forgotten. */
export interface Rules {
  readonly limits: readonly Limit[];
  readonly marginMs: number;
  readonly unknownUntilMs: number | undefined;
}

const ROUNDING_MS = 0.01;
/** Instants are rounded on their way: this much of a token is none. */
const ROUNDING_TOKENS = 0.002;
/** Windows of sub-buckets take a place for so much longer at most. */
const SUB_BUCKET_SHARE = 0.011;
const NEVER_MS = Number.NEGATIVE_INFINITY;

/**
 * The places of one key, from the grants and settlements that were seen. A delivery takes its places at least until one
 * window after it ended, or its lease did; and no longer than that, or than a window and the margin from its admission.
 * What the limiter may have forgotten, or counted twice, is taken for `least` and free for `most`.
 */
export class PlacesWatch {
  readonly #deliveries = new Map<number, Delivery>();
  #perhaps: Delivery[] = [];
  /** Those that were asked about. */
  readonly #buckets = new Map<string, Bucket>();
  /** When a place was last granted or heard of. */
  #usedMs = NEVER_MS;
  readonly #longestMs: number;

  /** @param longestMs the longest window that anybody may ask about. */
  constructor(longestMs: number) {
    this.#longestMs = longestMs;
  }

  granted(
    claims: readonly { readonly token: number; readonly cost: number }[],
    rules: Rules,
    nowMs: number,
    leaseMs: number,
  ): void {
    const question = { leaseEndMs: nowMs + leaseMs };
    for (const { token, cost } of claims) {
      const { leaseEndMs } = question;
      this.#deliveries.set(token, { cost, grantedMs: nowMs, question, leaseEndMs, endMs: undefined });
    }
    const places = claims.reduce((sum, { cost }) => sum + cost, 0);
    for (const limit of rules.limits) if (limit.kind === 'token-bucket') this.#open(limit, rules, nowMs);
    if (places > 0) for (const bucket of this.#buckets.values()) draw(bucket, places, rules, nowMs);
    if (places > 0) this.#usedMs = nowMs;
    this.#forgetWhatIsOver(rules, nowMs);
  }

  renewed(
    { token, cost = 1 }: { token: number; cost?: number },
    taken: boolean,
    nowMs: number,
    leaseMs: number,
  ) {
    const leaseEndMs = nowMs + leaseMs;
    const delivery = this.#deliveries.get(token);
    if (!taken || !delivery) {
      this.#usedMs = nowMs;
      const question = { leaseEndMs };
      this.#perhaps.push({ cost, grantedMs: nowMs, question, leaseEndMs, endMs: undefined });
      return;
    }
    this.#perhapsLost(delivery, nowMs);
    delivery.leaseEndMs = leaseEndMs;
    delivery.question.leaseEndMs = Math.max(delivery.question.leaseEndMs, leaseEndMs);
  }

  settled(settlement: Settlement, taken: boolean, nowMs: number): void {
    const { token, cost = 1, outcome } = settlement;
    const delivery = this.#deliveries.get(token);
    const neverBegan = outcome === 'unused';
    if (taken && delivery) {
      this.#perhapsLost(delivery, nowMs);
      if (neverBegan) this.#deliveries.delete(token);
      else delivery.endMs = nowMs;
      return;
    }
    if (neverBegan) return;
    this.#usedMs = nowMs;
    const ended = { leaseEndMs: nowMs };
    this.#perhaps.push({ cost, grantedMs: nowMs, question: ended, leaseEndMs: nowMs, endMs: nowMs });
  }

  free(rules: Rules, nowMs: number): Free {
    const all = deciding(rules.limits).map((limit) =>
      limit.kind === 'sliding-window'
        ? this.#freeOfWindow(limit, rules, nowMs)
        : this.#freeOfBucket(limit, rules.unknownUntilMs, nowMs),
    );
    return {
      least: Math.max(0, Math.min(...all.map(({ least }) => least))),
      most: Math.max(0, Math.min(...all.map(({ most }) => most))),
    };
  }

  #freeOfWindow({ limit, windowMs, exact = true }: SlidingWindow, rules: Rules, nowMs: number): Free {
    const longestMs = windowMs + rules.marginMs + subBucketMs({ windowMs, exact }, rules.marginMs);
    const { unknownUntilMs = NEVER_MS } = rules;
    let surely = 0;
    let perhaps = unknownUntilMs + longestMs > nowMs - ROUNDING_MS ? limit : 0;
    for (const one of this.#deliveries.values()) {
      if ((one.endMs ?? one.leaseEndMs) + windowMs > nowMs + ROUNDING_MS) surely += one.cost;
      if (lastMs(one, rules.marginMs) + longestMs > nowMs - ROUNDING_MS) perhaps += one.cost;
    }
    for (const one of this.#perhaps)
      if (lastMs(one, rules.marginMs) + longestMs > nowMs - ROUNDING_MS) perhaps += one.cost;
    return { least: limit - perhaps, most: limit - surely };
  }

  #freeOfBucket(bucket: TokenBucket, unknownUntilMs: number | undefined, nowMs: number): Free {
    const { least, most } = this.#bucket(bucket, unknownUntilMs, nowMs).fullAtMs;
    const { capacity } = bucket;
    const intervalMs = intervalOf(bucket);
    return {
      least: Math.floor(capacity - (Math.max(nowMs, least) - nowMs) / intervalMs - ROUNDING_TOKENS),
      most: Math.floor(capacity - (Math.max(nowMs, most) - nowMs) / intervalMs + ROUNDING_TOKENS),
    };
  }

  /** What a bucket was taken for at one question counts at the next one, whether anything was granted or not. */
  #open(limit: TokenBucket, { unknownUntilMs }: Rules, nowMs: number): void {
    this.#buckets.set(nameOf(limit), this.#bucket(limit, unknownUntilMs, nowMs));
  }

  #bucket(limit: TokenBucket, unknownUntilMs = NEVER_MS, nowMs: number): Bucket {
    const known = this.#buckets.get(nameOf(limit));
    const durationMs = limit.capacity * intervalOf(limit);
    const { least, most } = known?.fullAtMs ?? { least: this.#lastUseMs(nowMs) + durationMs, most: NEVER_MS };
    return { limit, fullAtMs: { least: Math.max(least, unknownUntilMs + durationMs), most } };
  }

  /** From when a bucket may be empty that nobody asked about before. */
  #lastUseMs(nowMs: number): number {
    const all = [...this.#deliveries.values(), ...this.#perhaps];
    return all.some(({ endMs }) => endMs === undefined) ? nowMs : this.#usedMs;
  }

  /** Its lease has ended: it may have been given up, and counts once more when it is heard of. */
  #perhapsLost(delivery: Delivery, nowMs: number): void {
    if (nowMs < delivery.leaseEndMs - ROUNDING_MS) return;
    this.#perhaps.push({ ...delivery, endMs: delivery.question.leaseEndMs });
  }

  #forgetWhatIsOver({ marginMs }: Rules, nowMs: number): void {
    const isOver = (one: Delivery) => lastMs(one, marginMs) + 2 * this.#longestMs + marginMs < nowMs;
    for (const [token, one] of this.#deliveries) if (isOver(one)) this.#deliveries.delete(token);
    this.#perhaps = this.#perhaps.filter((one) => !isOver(one));
  }
}

/** Every bucket pays for every place, but is never emptier than empty. What others used may be forgotten once it is full. */
function draw({ limit, fullAtMs }: Bucket, tokens: number, asked: Rules, nowMs: number): void {
  const isAsked = asked.limits.some((one) => one.kind === 'token-bucket' && nameOf(one) === nameOf(limit));
  const byMs = tokens * intervalOf(limit);
  const emptyMs = Math.max(nowMs + limit.capacity * intervalOf(limit), fullAtMs.least);
  fullAtMs.least = Math.min(Math.max(nowMs, fullAtMs.least) + byMs, emptyMs);
  if (isAsked) fullAtMs.most = Math.max(nowMs, fullAtMs.most) + byMs;
}

/** For how much longer a window of sub-buckets may take a place. */
export function subBucketMs(
  { windowMs, exact }: Pick<SlidingWindow, 'windowMs' | 'exact'>,
  marginMs: number,
): number {
  return exact === false ? (windowMs + marginMs) * SUB_BUCKET_SHARE : 0;
}

/** From when its places are free one window and the margin later, at the latest. */
function lastMs({ grantedMs, endMs, question }: Delivery, marginMs: number): number {
  return Math.max(grantedMs, (endMs ?? question.leaseEndMs) - marginMs);
}

/** Without the buckets that let through all that a window does: at no time do these decide, now or a while ago. */
function deciding(limits: readonly Limit[]): readonly Limit[] {
  const never = (bucket: TokenBucket) =>
    limits.some(
      (other) =>
        other.kind === 'sliding-window' &&
        bucket.capacity >= other.limit &&
        intervalOf(bucket) * other.limit <= other.windowMs,
    );
  return limits.filter((limit) => limit.kind === 'sliding-window' || !never(limit));
}

function intervalOf({ refillPerMinute }: TokenBucket): number {
  return Math.ceil(60_000_000 / refillPerMinute) / 1_000;
}

function nameOf({ capacity, refillPerMinute }: TokenBucket): string {
  return `${capacity} ${refillPerMinute}`;
}

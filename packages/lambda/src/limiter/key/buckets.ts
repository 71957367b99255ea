import { drawTokens, fullAfter } from '../usage/usage.ts';
import type { BucketRule } from '../limits/rules.ts';
import type { SubBucket } from '../usage/taken.ts';

/** What is known when buckets are looked at, in microseconds. */
interface Moment {
  readonly nowUs: number;
  /** Up to when nothing is known; `undefined` when all is. */
  readonly unknownUs: number | undefined;
}

/** What a bucket would have paid for if it had been there. */
interface Past extends Moment {
  /** The deliveries that have ended, the oldest first. */
  ended(): readonly SubBucket[];
  readonly slotsInFlight: number;
}

interface Level {
  readonly bucket: BucketRule;
  readonly fullAtUs: number;
}

/** What {@link Buckets} are made from again. */
export type BucketsForm = readonly Level[];

/** The token buckets of one key that were asked about, and when each is full again: deployments and tiers may differ. */
export class Buckets {
  readonly #buckets: Map<string, Level>;

  constructor(form: BucketsForm) {
    this.#buckets = new Map(form.map((level) => [nameOf(level.bucket), level]));
  }

  get form(): BucketsForm {
    return [...this.#buckets.values()];
  }

  /** When a bucket is full again. */
  fullAtUs(bucket: BucketRule): number {
    return this.#buckets.get(nameOf(bucket))?.fullAtUs ?? 0;
  }

  /** A bucket that was not asked about before has the level that it would have if it had been there. */
  open(asked: readonly BucketRule[], { ended, slotsInFlight, ...moment }: Past): void {
    this.#forgetFull(new Set(asked.map(nameOf)), moment.nowUs);
    for (const bucket of asked) {
      const name = nameOf(bucket);
      if (this.#buckets.has(name)) continue;
      const endedUs = fullAfter(bucket, emptyUntilUs(bucket, moment), ended());
      this.#buckets.set(name, {
        bucket,
        fullAtUs: drawTokens(bucket, endedUs, moment.nowUs, slotsInFlight),
      });
    }
  }

  /** Every bucket pays, also those that this question is not about. */
  draw(slots: number, moment: Moment): void {
    for (const [name, { bucket, fullAtUs }] of this.#buckets) {
      const fromUs = Math.max(fullAtUs, emptyUntilUs(bucket, moment));
      this.#buckets.set(name, { bucket, fullAtUs: drawTokens(bucket, fromUs, moment.nowUs, slots) });
    }
  }

  #forgetFull(asked: ReadonlySet<string>, nowUs: number): void {
    for (const [name, { fullAtUs }] of this.#buckets) {
      if (!asked.has(name) && fullAtUs <= nowUs) this.#buckets.delete(name);
    }
  }
}

/** When a bucket is full again that was empty when what is known begins. */
function emptyUntilUs({ capacity, intervalUs }: BucketRule, { unknownUs }: Moment): number {
  return unknownUs === undefined ? 0 : unknownUs + capacity * intervalUs;
}

const nameOf = ({ capacity, intervalUs }: BucketRule) => `${capacity}:${intervalUs}`;

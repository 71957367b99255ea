import type { BucketRule, Rules } from '../limits/rules.ts';
import { takenUntil, type SubBucket, type Taken } from './taken.ts';

/**
 * What a key has used: the memory that rules are checked against.
 *
 * `windows[i]` are the slots taken of window i.
 * `fullAtUs[i]` is when bucket i will be full again (the theoretical arrival time of the generic
 * cell rate algorithm, ITU-T I.371): one number instead of a token count and the instant it held.
 */
export interface Usage {
  readonly windows: readonly Taken[];
  readonly fullAtUs: readonly number[];
}

/**
 * The usage as it must be assumed when everything before `sinceUs` is unknown: every slot of a window
 * was taken then, and every bucket was empty.
 */
export function unknownBefore(sinceUs: number, rules: Rules, { windows, fullAtUs }: Usage): Usage {
  return {
    windows: windows.map((taken) => takenUntil(sinceUs, taken)),
    fullAtUs: rules.buckets.map(({ capacity, intervalUs }, index) =>
      Math.max(sinceUs + capacity * intervalUs, fullAtUs[index] ?? 0),
    ),
  };
}

/** How many slots are free now: the smallest number over all rules. */
export function freeSlots(rules: Rules, usage: Usage, nowUs: number): number {
  const byWindow = rules.windows.map(
    ({ limit, windowUs }, index) => limit - usage.windows[index]!.after(nowUs - windowUs),
  );
  const byBucket = rules.buckets.map(({ capacity, intervalUs }, index) => {
    const fullAtUs = Math.max(nowUs, usage.fullAtUs[index] ?? nowUs);
    return Math.floor((nowUs + capacity * intervalUs - fullAtUs) / intervalUs);
  });
  return Math.max(0, Math.min(...byWindow, ...byBucket));
}

/** How many slots there are at once, with nothing used: the smallest number over all rules. */
export function slotsInAll({ windows, buckets }: Rules): number {
  return Math.min(...windows.map(({ limit }) => limit), ...buckets.map(({ capacity }) => capacity));
}

/**
 * The instant that slot number `slot` of this moment (0 is the first) is written down with: when it became
 * free, if that was within the margin, otherwise now. So a slot that is used a little late keeps its
 * rhythm, and due times announced long ago stay right. Windows of sub-buckets keep no rhythm.
 */
export function stampUs({ windows, marginUs }: Rules, usage: Usage, nowUs: number, slot: number): number {
  const freeSinceUs = Math.max(
    ...windows.map(({ limit, windowUs, exact }, index) =>
      exact
        ? (usage.windows[index]!.at(limit - 1 - slot) ?? Number.NEGATIVE_INFINITY) + windowUs
        : Number.NEGATIVE_INFINITY,
    ),
  );
  return freeSinceUs >= nowUs - marginUs ? freeSinceUs : nowUs;
}

/** When a bucket will be full again after `slots` more were taken at `nowUs`. It is never emptier than empty. */
export function drawTokens(
  { capacity, intervalUs }: BucketRule,
  fullAtUs: number,
  nowUs: number,
  slots: number,
): number {
  const emptyUs = nowUs + capacity * intervalUs;
  return Math.min(Math.max(nowUs, fullAtUs) + slots * intervalUs, Math.max(emptyUs, fullAtUs));
}

/** When a bucket will be full again that was there all the time, from `fullAtUs` on; deliveries the oldest first. */
export function fullAfter(bucket: BucketRule, fullAtUs: number, deliveries: readonly SubBucket[]): number {
  return deliveries.reduce((full, one) => drawTokens(bucket, full, one.stampUs, one.count), fullAtUs);
}

/** How many stamps the exact windows look at: the log needs no more. */
export function logLength({ windows }: Rules): number {
  return Math.max(0, ...windows.filter(({ exact }) => exact).map(({ limit }) => limit));
}

/**
 * When slot number `slot` from now (0 is the next) comes up, if nothing is admitted before
 * `startUs`. Each rule alone says when, in closed form; the latest counts. Exact for one rule, a
 * lower bound for several: a message woken early asks again, one woken late would waste its slot.
 */
export function slotDueUs(rules: Rules, usage: Usage, startUs: number, slot: number): number {
  const byWindow = rules.windows.map(({ limit, windowUs }, index) => {
    const stamp = usage.windows[index]!.at(limit - 1 - (slot % limit));
    const firstUs = stamp === undefined ? startUs : Math.max(startUs, stamp + windowUs);
    return firstUs + Math.floor(slot / limit) * (windowUs + rules.marginUs);
  });
  const byBucket = rules.buckets.map(({ capacity, intervalUs }, index) => {
    const fullAtUs = Math.max(startUs, usage.fullAtUs[index] ?? startUs);
    return fullAtUs + (slot + 1 - capacity) * intervalUs;
  });
  return Math.max(startUs, ...byWindow, ...byBucket);
}

/** How long the usage matters: after this much silence these rules find a key as good as never seen. */
export function memoryUs(rules: Rules): number {
  return Math.max(
    0,
    ...rules.windows.map(({ windowUs }) => windowUs),
    ...rules.buckets.map(({ capacity, intervalUs }) => capacity * intervalUs),
  );
}

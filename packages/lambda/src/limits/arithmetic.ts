import type { Rules } from './rules.ts';

/**
 * What a key has used: the memory that rules are checked against.
 *
 * `stamps` are the instants that the newest admissions are written down with, newest first, one log
 * for all windows.
 * `fullAtUs[i]` is when bucket i will be full again (the theoretical arrival time of the generic
 * cell rate algorithm, ITU-T I.371): one number instead of a token count and the instant it held.
 */
export interface Usage {
  readonly stamps: readonly number[];
  readonly fullAtUs: readonly number[];
}

/**
 * The usage as it must be assumed when everything before `sinceUs` is unknown: every place of a window
 * was taken then, and every bucket was empty.
 */
export function unknownBefore(sinceUs: number, rules: Rules, { stamps, fullAtUs }: Usage): Usage {
  return {
    stamps: Array.from({ length: logLength(rules) }, (_, index) => Math.max(sinceUs, stamps[index] ?? 0)),
    fullAtUs: rules.buckets.map(({ capacity, intervalUs }, index) =>
      Math.max(sinceUs + capacity * intervalUs, fullAtUs[index] ?? 0),
    ),
  };
}

/** How many admissions fit now, at most `most`: the smallest number over all rules. */
export function freePlaces(rules: Rules, usage: Usage, nowUs: number, most: number): number {
  const byWindow = rules.windows.map(({ limit, windowUs }) => {
    let free = 0;
    while (free < Math.min(most, limit) && hasLeft(usage.stamps[limit - 1 - free], windowUs, nowUs)) free++;
    return free;
  });
  const byBucket = rules.buckets.map(({ capacity, intervalUs }, index) => {
    const fullAtUs = Math.max(nowUs, usage.fullAtUs[index] ?? nowUs);
    return Math.floor((nowUs + capacity * intervalUs - fullAtUs) / intervalUs);
  });
  return Math.max(0, Math.min(most, ...byWindow, ...byBucket));
}

/**
 * The instant that admission number `place` of this moment (0 is the first) is written down with: when
 * its place became free, if that was within the margin, otherwise now. So a place that is used a little
 * late keeps its rhythm, and due times announced long ago stay right.
 */
export function stampUs(
  { windows, marginUs }: Rules,
  { stamps }: Usage,
  nowUs: number,
  place: number,
): number {
  const freeSinceUs = Math.max(
    ...windows.map(
      ({ limit, windowUs }) => (stamps[limit - 1 - place] ?? Number.NEGATIVE_INFINITY) + windowUs,
    ),
  );
  return freeSinceUs >= nowUs - marginUs ? freeSinceUs : nowUs;
}

/** When each bucket will be full again after `places` more admissions at `nowUs`. */
export function drawTokens(
  rules: Rules,
  fullAtUs: readonly number[],
  nowUs: number,
  places: number,
): readonly number[] {
  return rules.buckets.map(
    ({ intervalUs }, index) => Math.max(nowUs, fullAtUs[index] ?? nowUs) + places * intervalUs,
  );
}

/** How many stamps the rules look at: the log needs no more. */
export function logLength({ windows }: Rules): number {
  return Math.max(0, ...windows.map(({ limit }) => limit));
}

/**
 * When the admission number `place` from now (0 is the next) fits, if nothing is admitted before
 * `startUs`. Each rule alone says when, in closed form; the latest counts. Exact for one rule, a
 * lower bound for several: a message woken early asks again, one woken late would waste its place.
 */
export function placeDueUs(rules: Rules, usage: Usage, startUs: number, place: number): number {
  const byWindow = rules.windows.map(({ limit, windowUs }) => {
    const stamp = usage.stamps[limit - 1 - (place % limit)];
    const firstUs = stamp === undefined ? startUs : Math.max(startUs, stamp + windowUs);
    return firstUs + Math.floor(place / limit) * windowUs;
  });
  const byBucket = rules.buckets.map(({ capacity, intervalUs }, index) => {
    const fullAtUs = Math.max(startUs, usage.fullAtUs[index] ?? startUs);
    return fullAtUs + (place + 1 - capacity) * intervalUs;
  });
  return Math.max(startUs, ...byWindow, ...byBucket);
}

/** How long the usage matters: after this much silence a key is as good as never seen. */
export function memoryUs(rules: Rules): number {
  return Math.max(
    0,
    ...rules.windows.map(({ windowUs }) => windowUs),
    ...rules.buckets.map(({ capacity, intervalUs }) => capacity * intervalUs),
  );
}

function hasLeft(atUs: number | undefined, windowUs: number, nowUs: number): boolean {
  return atUs === undefined || atUs + windowUs <= nowUs;
}

/** The shortest time in which an admission leaves a window; without windows, all that matters. */
export function shortestWindowUs(rules: Rules): number {
  return Math.min(memoryUs(rules), ...rules.windows.map(({ windowUs }) => windowUs));
}

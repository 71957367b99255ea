import type { MetricDatum } from '@aws-sdk/client-cloudwatch';
import { metricUnits, type MetricName } from '../../contract/index.ts';

/** What CloudWatch is given for one metric and one minute, or for a part of it. */
export interface Point {
  readonly name: MetricName;
  /** The start of the minute. */
  readonly atMs: number;
  /** How many measurements are in it. */
  readonly measurements: number;
  /** How many numbers it takes: a set of statistics counts as one. */
  readonly size: number;
  readonly data: Pick<MetricDatum, 'StatisticValues'> | Pick<MetricDatum, 'Values' | 'Counts'>;
}

/** The measurements of one metric within one minute. */
export interface Series {
  readonly size: number;
  add(value: number): void;
  points(): readonly Point[];
}

/** Counts are added up; durations keep how often each occurred, because percentiles need that. */
export function openSeries(name: MetricName, atMs: number): Series {
  return metricUnits[name] === 'Count' ? counts(name, atMs) : durations(name, atMs);
}

function counts(name: MetricName, atMs: number): Series {
  let measurements = 0;
  let sum = 0;
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  return {
    size: 1,
    add(value) {
      measurements += 1;
      sum += value;
      least = Math.min(least, value);
      most = Math.max(most, value);
    },
    points() {
      const StatisticValues = { SampleCount: measurements, Sum: sum, Minimum: least, Maximum: most };
      return [{ name, atMs, measurements, size: 1, data: { StatisticValues } }];
    },
  };
}

/**
 * Most values of one datum.
 * Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
 */
const MAX_VALUES_PER_DATUM = 150;

function durations(name: MetricName, atMs: number): Series {
  const occurrences = new Map<number, number>();
  return {
    get size() {
      return occurrences.size;
    },
    add(value) {
      const kept = threeDigits(value);
      occurrences.set(kept, (occurrences.get(kept) ?? 0) + 1);
    },
    points() {
      const entries = [...occurrences];
      const datums = Math.ceil(entries.length / MAX_VALUES_PER_DATUM);
      return Array.from({ length: datums }, (_, index) => {
        const from = index * MAX_VALUES_PER_DATUM;
        const some = entries.slice(from, from + MAX_VALUES_PER_DATUM);
        const Counts = some.map(([, count]) => count);
        const measurements = Counts.reduce((sum, count) => sum + count, 0);
        const data = { Values: some.map(([value]) => value), Counts };
        return { name, atMs, measurements, size: some.length, data };
      });
    },
  };
}

/** Off by half a percent at most, and however many durations there are, few of them differ. */
function threeDigits(value: number): number {
  return Number(value.toPrecision(3));
}

import { metricUnits, type MetricName } from '../../contract/index.ts';
import { openSeries, type Point, type Series } from './series.ts';

/** CloudWatch keeps one point per metric and minute. */
const MINUTE_MS = 60_000;

/**
 * Most numbers in one request. CloudWatch takes 1,000 metrics and 1 MB; with so few numbers neither is exceeded.
 * Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
 */
export const MAX_VALUES_PER_CALL = 1_000;

/** Values that CloudWatch takes lie within plus and minus so much (same page). */
const LARGEST_VALUE = 2 ** 360;

/**
 * Keeps measurements until CloudWatch has them: what is new is summed up, what is older waits in line. Beyond about
 * `maxValues` numbers the oldest points are dropped, and counted.
 */
export function openBuffer(maxValues: number) {
  let series = new Map<string, Series>();
  let line: Point[] = [];
  let lineSize = 0;
  let dropped = 0;

  const size = () => lineSize + sizeOf([...series.values()]);

  function measure(name: MetricName, value: number, nowMs: number): void {
    const atMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
    const id = `${name} ${atMs}`;
    const of = series.get(id) ?? openSeries(name, atMs);
    series.set(id, of);
    of.add(value);
  }

  function enqueue(points: readonly Point[], at: number): void {
    line.splice(at, 0, ...points);
    lineSize += sizeOf(points);
  }

  /** Puts all that is summed up in line. */
  function sumUp(): void {
    enqueue(
      [...series.values()].flatMap((one) => one.points()),
      line.length,
    );
    series = new Map();
  }

  function dequeue(count: number): readonly Point[] {
    const points = line.splice(0, count);
    lineSize -= sizeOf(points);
    return points;
  }

  function drop(points: readonly Point[], nowMs: number): void {
    let lost = 0;
    for (const point of points) {
      if (point.name !== 'DroppedMeasurements') dropped += point.measurements;
      lost += lostWith(point);
    }
    if (lost > 0) measure('DroppedMeasurements', lost, nowMs);
  }

  function dropOldest(nowMs: number): void {
    if (size() <= maxValues) return;
    const oldest: Point[] = [];
    while (size() >= maxValues) {
      if (line.length === 0) sumUp();
      oldest.push(...dequeue(1));
    }
    drop(oldest, nowMs);
  }

  return {
    /** How many numbers are kept. */
    get size() {
      return size();
    },
    /** How many measurements were dropped so far: too much was kept, or they were refused, here or by CloudWatch. */
    get dropped() {
      return dropped;
    },
    /** Drops whatever is no finite number, or one that CloudWatch refuses. */
    add(name: MetricName, value: number, nowMs: number): void {
      if (isMeasurement(name, value)) {
        measure(name, value, nowMs);
      } else {
        dropped += 1;
        measure('DroppedMeasurements', 1, nowMs);
      }
      dropOldest(nowMs);
    },
    sumUp,
    /** Drops points that were taken, and counts them. */
    drop,
    /** Takes the oldest points of the line, as many as fit into one request. */
    take(): readonly Point[] {
      let values = 0;
      const tooMany = line.findIndex((point) => (values += point.size) > MAX_VALUES_PER_CALL);
      return dequeue(tooMany === -1 ? line.length : tooMany);
    },
    /** Puts back points that were taken and not delivered: they are the oldest again. */
    putBack(points: readonly Point[], nowMs: number): void {
      enqueue(points, 0);
      dropOldest(nowMs);
    },
  };
}

/** Hosts may write in plain JavaScript: whatever it is, it must not throw. */
function isMeasurement(name: unknown, value: unknown): boolean {
  return (
    typeof name === 'string' &&
    Object.hasOwn(metricUnits, name) &&
    typeof value === 'number' &&
    Math.abs(value) <= LARGEST_VALUE
  );
}

function sizeOf(kept: readonly { readonly size: number }[]): number {
  return kept.reduce((sum, { size }) => sum + size, 0);
}

/** Where a count of dropped measurements is dropped itself, what it counted is still lost. */
function lostWith({ name, measurements, data }: Point): number {
  if (name !== 'DroppedMeasurements' || !('StatisticValues' in data)) return measurements;
  return data.StatisticValues?.Sum ?? 0;
}

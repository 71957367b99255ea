import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { namesAmong, ownOrGiven, queueName, regionOf, withTimeout } from '@huntaze/kit';
import {
  guardPorts,
  METRIC_DIMENSION,
  METRIC_NAMESPACE,
  metricUnits,
  type Metrics,
} from '../../contract/index.ts';
import { readOptions } from '../../contract/require-options.ts';
import { deliver } from './delivery.ts';
import { MAX_VALUES_PER_CALL, openBuffer } from './buffer.ts';
import type { CloudWatch } from './client.ts';
import { cloudWatchTable, type CloudWatchMetricsOptions } from './options.ts';
import type { Point } from './series.ts';

/** Metrics that go to CloudWatch. Made by {@link cloudWatchMetrics}. */
export interface CloudWatchMetrics extends Required<Metrics> {
  /** How many measurements were dropped so far: CloudWatch took none for too long, refused them, or they were no finite number. */
  readonly dropped: number;
  /** Sends what is kept. Resolves also when CloudWatch does not take it: then it stays. */
  flush(): Promise<void>;
  /** Sends what is kept, for the last time, and stops. Every call returns the same promise. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Sends measurements to CloudWatch with `PutMetricData`, for processes that run on: once a minute, in requests of at
 * most 1,000 numbers. Counts become statistic sets; durations keep their distribution, each to three digits, so that
 * percentiles are right. In Lambda use `emfMetrics`, which needs no request.
 *
 * While CloudWatch cannot be reached, measurements are kept with their minute, and the oldest are dropped at last. What
 * CloudWatch refuses, such as a minute of two weeks ago, and what is no finite number, is dropped alone.
 * `DroppedMeasurements` counts all of them. A request without an answer is repeated: its measurements may count twice.
 * The timer does not keep the process alive; nothing is ever thrown by `record` or `flush`.
 *
 * The role needs `cloudwatch:PutMetricData`.
 * @throws {ConfigurationError} with every problem of the options.
 */
export function cloudWatchMetrics(options: CloudWatchMetricsOptions): CloudWatchMetrics {
  const settings = readOptions<CloudWatchMetricsOptions, typeof cloudWatchTable>(cloudWatchTable, options);
  const { queue, flushIntervalMs, timeoutMs, clock, region } = settings;
  const { logger } = guardPorts(settings);
  const { client, release } = ownOrGiven<CloudWatch>(
    settings.cloudWatch,
    regionOf(queue) ?? region,
    (known) => new CloudWatchClient(known),
  );
  const buffer = openBuffer(settings.maxBufferedValues);
  const closing = new AbortController();
  let state: 'taking' | 'refusing' | 'unreachable' = 'taking';
  let timer = false;
  let sending: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  let closed: Promise<void> | undefined;

  const send = (points: readonly Point[]) =>
    withTimeout({ clock, timeoutMs }, (abortSignal) =>
      client.send(putMetricData(points, queueName(queue)), { abortSignal }),
    );

  async function sendAll(): Promise<void> {
    buffer.sumUp();
    for (let points = buffer.take(); points.length > 0; points = buffer.take()) {
      const { refused, left, error } = await deliver(points, send);
      buffer.drop(refused, clock.nowMs());
      buffer.putBack(left, clock.nowMs());
      enter(left.length > 0 ? 'unreachable' : refused.length > 0 ? 'refusing' : 'taking', error);
      if (left.length > 0) break;
    }
    if (buffer.size > 0) schedule();
  }

  function enter(now: typeof state, cause: unknown): void {
    if (now === state) return;
    state = now;
    const { size: kept, dropped } = buffer;
    const error = namesAmong(Object(cause).name) ?? 'unknown';
    if (now === 'taking') logger.info({ dropped }, 'CloudWatch takes measurements again');
    else if (now === 'refusing')
      logger.warn({ error, dropped }, 'CloudWatch refuses measurements: they are dropped');
    else logger.warn({ error, kept }, 'CloudWatch takes no measurements: they are kept');
  }

  /** One at a time: who asks while one is under way waits for the next, which has everything. */
  function flush(): Promise<void> {
    if (sending !== undefined) {
      return (next ??= sending.then(() => {
        next = undefined;
        return flush();
      }));
    }
    return (sending = sendAll().finally(() => {
      sending = undefined;
    }));
  }

  function schedule(): void {
    if (timer || closing.signal.aborted) return;
    timer = true;
    void clock.sleep(flushIntervalMs, closing.signal).then(() => {
      timer = false;
      if (!closing.signal.aborted) void flush();
    });
  }

  const close = () => {
    closing.abort();
    return (closed ??= flush().then(release));
  };

  return {
    record(name, value) {
      if (closing.signal.aborted) return;
      buffer.add(name, value, clock.nowMs());
      if (buffer.size >= MAX_VALUES_PER_CALL && state !== 'unreachable' && !sending) void flush();
      else if (buffer.size > 0) schedule();
    },
    get dropped() {
      return buffer.dropped;
    },
    flush,
    close,
    [Symbol.asyncDispose]: close,
  };
}

function putMetricData(points: readonly Point[], name: string): PutMetricDataCommand {
  return new PutMetricDataCommand({
    Namespace: METRIC_NAMESPACE,
    MetricData: points.map((point) => ({
      MetricName: point.name,
      Dimensions: [{ Name: METRIC_DIMENSION, Value: name }],
      Timestamp: new Date(point.atMs),
      Unit: metricUnits[point.name],
      ...point.data,
    })),
  });
}

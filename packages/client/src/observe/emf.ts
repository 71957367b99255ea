import { queueName } from '@huntaze/kit';
import * as checks from '@huntaze/kit/checks';
import { readOptions } from '../contract/require-options.ts';
import {
  METRIC_DIMENSION,
  METRIC_NAMESPACE,
  metricUnits,
  systemClock,
  type Clock,
  type MetricName,
  type Metrics,
} from '../contract/index.ts';

/** How {@link emfMetrics} are made. */
export interface EmfMetricsOptions {
  /** The queue whose messages are measured, by its URL, ARN or name. Its name is the dimension of every metric. */
  readonly queue: string;
  /**
   * Whether measurements are kept until `flush`. Default false: they are written at the end of the turn in which they
   * were recorded, so that a function that is frozen after its answer has written them. A handler calls `flush` at the
   * end of each batch; with true it writes one line per batch.
   */
  readonly keepUntilFlush?: boolean | undefined;
  /** Writes one line, without its end. Default: to the standard output, which is the log of a Lambda function. */
  readonly write?: ((line: string) => void) | undefined;
  /** Default: the process's own. */
  readonly clock?: Clock | undefined;
}

/**
 * Most values of one metric in one line.
 * Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
const MAX_VALUES_PER_LINE = 100;

const emfTable = {
  queue: { check: checks.queue },
  keepUntilFlush: { check: checks.flag, default: false },
  write: { check: checks.callable, default: writeToStdout },
  clock: { check: checks.clock, default: systemClock },
} satisfies checks.OptionTable<EmfMetricsOptions>;

/**
 * Writes measurements in CloudWatch's embedded metric format: lines of the log that CloudWatch makes metrics of. For
 * Lambda, and wherever the standard output goes to CloudWatch Logs; no request, no permission.
 * @throws {ConfigurationError} with every problem of the options.
 */
export function emfMetrics(options: EmfMetricsOptions): Required<Metrics> {
  const { queue, keepUntilFlush, write, clock } = readOptions(emfTable, options);
  const name = queueName(queue);
  let kept = new Map<MetricName, number[]>();

  function writeAll(): void {
    if (kept.size === 0) return;
    const values = kept;
    kept = new Map();
    write(toLine(values, name, clock.nowMs()));
  }

  function keep(metric: MetricName, value: number): void {
    const values = kept.get(metric);
    if (values === undefined) kept.set(metric, [value]);
    else if (metricUnits[metric] === 'Count') values[0] = (values[0] ?? 0) + value;
    else values.push(value);
  }

  return {
    record(metric, value) {
      if (!Object.hasOwn(metricUnits, metric) || !Number.isFinite(value)) return;
      if (kept.size === 0 && !keepUntilFlush) queueMicrotask(writeAll);
      keep(metric, value);
      if (kept.get(metric)?.length === MAX_VALUES_PER_LINE) writeAll();
    },
    async flush() {
      writeAll();
    },
  };
}

function toLine(values: ReadonlyMap<MetricName, readonly number[]>, queue: string, nowMs: number): string {
  return JSON.stringify({
    _aws: {
      Timestamp: Math.floor(nowMs),
      CloudWatchMetrics: [
        {
          Namespace: METRIC_NAMESPACE,
          Dimensions: [[METRIC_DIMENSION]],
          Metrics: [...values.keys()].map((Name) => ({ Name, Unit: metricUnits[Name] })),
        },
      ],
    },
    [METRIC_DIMENSION]: queue,
    ...Object.fromEntries([...values].map(([name, of]) => [name, of.length === 1 ? of[0] : of])),
  });
}

/** Past `console`, which Lambda replaces by one that puts time and request before each line. */
function writeToStdout(line: string): void {
  process.stdout.write(`${line}\n`);
}

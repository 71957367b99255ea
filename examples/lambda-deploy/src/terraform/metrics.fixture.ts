import { METRIC_DIMENSION, METRIC_NAMESPACE, metricUnits } from '@huntaze/rate-limiter-client/contract';
import { nested, type Block, type Module } from './module.fixture.ts';

/** A metric that the module reads. */
export interface MetricUse {
  /** Where: the name of an alarm or the title of a widget. */
  readonly by: string;
  readonly namespace: unknown;
  readonly name: unknown;
  readonly dimensions: readonly string[];
}

/** What somebody emits: we by our own table, AWS by its documentation. */
const emitted: Readonly<Record<string, { readonly names: readonly string[]; readonly dimension: string }>> = {
  [METRIC_NAMESPACE]: { names: Object.keys(metricUnits), dimension: METRIC_DIMENSION },
  // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
  'AWS/SQS': {
    names: [
      'ApproximateAgeOfOldestMessage',
      'ApproximateNumberOfMessagesDelayed',
      'ApproximateNumberOfMessagesNotVisible',
      'ApproximateNumberOfMessagesVisible',
    ],
    dimension: 'QueueName',
  },
  // https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
  'AWS/Lambda': {
    names: ['Duration', 'Errors', 'Invocations', 'Throttles', 'ConcurrentExecutions'],
    dimension: 'FunctionName',
  },
};

/** An alarm on one metric, as the table in `alarms.tf` writes it. */
export interface AlarmRow {
  readonly text: string;
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Block;
  readonly stat: string;
  readonly minutes: number;
  readonly threshold: string;
  readonly periods: { readonly breaching: number; readonly of: number };
}

/** The alarms on one metric, by the end of their name. */
export const alarmTable = ({ locals }: Module) => locals['alarms'] as Readonly<Record<string, AlarmRow>>;

/** What each alarm reads, directly or in an expression. */
export function metricsOfAlarms(module: Module): readonly MetricUse[] {
  const queried = Object.entries(module.resources('aws_cloudwatch_metric_alarm')).flatMap(([by, alarm]) =>
    nested(alarm, 'metric_query')
      .flatMap((query) => nested(query, 'metric'))
      .map(({ namespace, metric_name: metric, dimensions }) => ({ by, namespace, metric, dimensions })),
  );
  const direct = Object.entries(alarmTable(module)).map(([by, row]) => ({ by, ...row }));
  return [...queried, ...direct].map(({ by, namespace, metric, dimensions }) => ({
    by,
    namespace: resolve(namespace, module),
    name: metric,
    dimensions: Object.keys(dimensions as Block),
  }));
}

/** A widget as `metrics.tf` writes it. */
export interface Widget {
  readonly title: string;
  readonly metrics: readonly (readonly [namespace: string, name: string, dimension: string, ...unknown[]])[];
}

/** What each widget shows. */
export function metricsOfWidgets(module: Module): readonly MetricUse[] {
  return (module.locals['widgets'] as readonly Widget[]).flatMap(({ title, metrics }) =>
    metrics.map(([namespace, name, dimension]) => ({
      by: title,
      namespace: resolve(namespace, module),
      name,
      dimensions: [dimension],
    })),
  );
}

/** The uses of metrics that nobody emits: an alarm on one of them would be silent for ever. */
export function neverEmitted(uses: readonly MetricUse[]): readonly MetricUse[] {
  return uses.filter(({ namespace, name, dimensions }) => {
    const known = emitted[String(namespace)];
    return !known?.names.includes(String(name)) || dimensions.join() !== known.dimension;
  });
}

function resolve(value: unknown, { locals }: Module): unknown {
  return value === '${local.namespace}' ? locals['namespace'] : value;
}

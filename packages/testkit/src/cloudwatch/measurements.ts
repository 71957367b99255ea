/** The part of a `PutMetricData` request that is added up. */
export interface PutMetricData {
  readonly Namespace: string;
  readonly MetricData: readonly {
    readonly MetricName: string;
    readonly Dimensions?: readonly { readonly Name: string; readonly Value: string }[];
    readonly Value?: number;
    readonly Values?: readonly number[];
    readonly Counts?: readonly number[];
    readonly StatisticValues?: { readonly SampleCount: number; readonly Sum: number };
  }[];
}

/** A line in the embedded metric format. */
interface EmbeddedMetrics {
  readonly _aws: {
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string }[];
    }[];
  };
  readonly [field: string]: unknown;
}

/** Which metric: a namespace, a name, and the dimensions by name. */
export interface MetricKey {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** What was measured. */
export interface Measurements {
  /** Takes over the lines of a log that are in the embedded metric format, as CloudWatch Logs does. */
  readLog(lines: readonly string[]): void;
  /** The sum of all that was measured; 0 of what never was. */
  sum(metric: MetricKey): number;
  /** How often it was measured. */
  samples(metric: MetricKey): number;
}

/** Nothing measured yet. */
export function openMeasurements(): Measurements & { put(request: PutMetricData): void } {
  const totals = new Map<string, { sum: number; samples: number }>();
  const add = (metric: MetricKey, sum: number, samples: number) => {
    const before = totals.get(keyOf(metric)) ?? { sum: 0, samples: 0 };
    totals.set(keyOf(metric), { sum: before.sum + sum, samples: before.samples + samples });
  };
  return {
    put({ Namespace: namespace, MetricData }) {
      for (const datum of MetricData) {
        const dimensions = Object.fromEntries(
          (datum.Dimensions ?? []).map(({ Name, Value }) => [Name, Value]),
        );
        const { sum, samples } = totalOf(datum);
        add({ namespace, name: datum.MetricName, dimensions }, sum, samples);
      }
    },
    readLog(lines) {
      for (const line of lines) {
        const embedded = parse(line);
        for (const { Namespace, Dimensions, Metrics } of embedded?._aws.CloudWatchMetrics ?? []) {
          for (const names of Dimensions) {
            const dimensions = Object.fromEntries(names.map((name) => [name, String(embedded?.[name])]));
            for (const { Name } of Metrics) {
              const values = [embedded?.[Name]].flat() as number[];
              add({ namespace: Namespace, name: Name, dimensions }, total(values), values.length);
            }
          }
        }
      }
    },
    sum: (metric) => totals.get(keyOf(metric))?.sum ?? 0,
    samples: (metric) => totals.get(keyOf(metric))?.samples ?? 0,
  };
}

function keyOf({ namespace, name, dimensions }: MetricKey): string {
  return JSON.stringify([
    namespace,
    name,
    Object.entries(dimensions).toSorted(([a], [b]) => (a < b ? -1 : 1)),
  ]);
}

function totalOf({ Value, Values, Counts, StatisticValues }: PutMetricData['MetricData'][number]) {
  if (StatisticValues) return { sum: StatisticValues.Sum, samples: StatisticValues.SampleCount };
  const values = Values ?? [Value ?? 0];
  const counts = Counts ?? values.map(() => 1);
  return { sum: total(values.map((value, index) => value * (counts[index] ?? 1))), samples: total(counts) };
}

const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

function parse(line: string): EmbeddedMetrics | undefined {
  if (!line.startsWith('{"_aws"')) return undefined;
  return JSON.parse(line) as EmbeddedMetrics;
}

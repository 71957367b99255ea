import { describe, expect, it, vi } from 'vitest';
import { METRIC_DIMENSION, METRIC_NAMESPACE, metricUnits, type MetricName } from '../contract/index.ts';
import { fakeClock } from '../testing/fake-clock.ts';
import { emfMetrics, type EmfMetricsOptions } from './emf.ts';

function makeMetrics(overrides: Partial<EmfMetricsOptions> = {}) {
  const lines: string[] = [];
  const metrics = emfMetrics({
    queue: 'arn:aws:sqs:eu-west-1:123456789012:messages',
    keepUntilFlush: true,
    write: (line) => void lines.push(line),
    clock: fakeClock(1_767_225_600_000.5),
    ...overrides,
  });
  return { metrics, lines, documents: () => lines.map((line) => JSON.parse(line) as Document) };
}

interface Document {
  readonly _aws: {
    readonly Timestamp: number;
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string; readonly Unit: string }[];
    }[];
  };
  readonly [member: string]: unknown;
}

/** Checks a document as the specification of the format does, and gives the values that CloudWatch takes from it. */
function valuesIn(document: Document): Record<string, readonly number[]> {
  const { _aws: metadata } = document;
  const [directive, ...more] = metadata.CloudWatchMetrics;
  expect(more).toEqual([]);
  expect(Number.isInteger(metadata.Timestamp)).toBe(true);
  expect(directive?.Namespace).toBe(METRIC_NAMESPACE);
  expect(directive?.Dimensions).toEqual([[METRIC_DIMENSION]]);
  expect(document[METRIC_DIMENSION]).toBe('messages');
  expect(directive?.Metrics.length).toBeLessThanOrEqual(100);
  return Object.fromEntries(
    (directive?.Metrics ?? []).map(({ Name, Unit }) => {
      expect(Unit).toBe(metricUnits[Name as MetricName]);
      const values = [document[Name]].flat() as number[];
      expect(values.length).toBeGreaterThan(0);
      expect(values.length).toBeLessThanOrEqual(100);
      expect(values.every(Number.isFinite)).toBe(true);
      return [Name, values];
    }),
  );
}

describe('metrics in the log', () => {
  it('are one line per flush: counts added up, durations one by one', async () => {
    const { metrics, documents } = makeMetrics();
    for (const value of [1, 1, 3]) metrics.record('MessagesSent', value);
    for (const value of [12.5, 250]) metrics.record('QueueLatency', value);
    await metrics.flush();
    await metrics.flush();

    expect(documents()).toEqual([
      {
        _aws: {
          Timestamp: 1_767_225_600_000,
          CloudWatchMetrics: [
            {
              Namespace: 'Huntaze/RateLimiter',
              Dimensions: [['QueueName']],
              Metrics: [
                { Name: 'MessagesSent', Unit: 'Count' },
                { Name: 'QueueLatency', Unit: 'Milliseconds' },
              ],
            },
          ],
        },
        QueueName: 'messages',
        MessagesSent: 5,
        QueueLatency: [12.5, 250],
      },
    ]);
    expect(documents().map(valuesIn)).toEqual([{ MessagesSent: [5], QueueLatency: [12.5, 250] }]);
  });

  it('are valid for every metric there is', async () => {
    const { metrics, documents } = makeMetrics();
    const names = Object.keys(metricUnits) as MetricName[];
    for (const name of names) metrics.record(name, 1);
    await metrics.flush();

    expect(documents().map(valuesIn)).toEqual([Object.fromEntries(names.map((name) => [name, [1]]))]);
  });

  it('are never more than 100 values of a metric in a line, and none is lost', async () => {
    const { metrics, documents } = makeMetrics();
    for (let value = 0; value < 250; value++) metrics.record('QueueLatency', value);
    await metrics.flush();

    const values = documents().map((document) => valuesIn(document)['QueueLatency'] ?? []);
    expect(values.map(({ length }) => length)).toEqual([100, 100, 50]);
    expect(values.flat()).toEqual(Array.from({ length: 250 }, (_, value) => value));
  });

  it('are written at the end of the turn unless they are kept, before anyone who waits goes on', async () => {
    const { metrics, lines } = makeMetrics({ keepUntilFlush: false });
    const send = async () => {
      metrics.record('MessagesQueued', 1);
      metrics.record('MessagesQueued', 2);
      expect(lines).toEqual([]);
    };

    await send();

    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('"MessagesQueued":3');
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('leave out what is no number: %s', async (value) => {
    const { metrics, lines } = makeMetrics();
    metrics.record('QueueLatency', value);
    metrics.record('constructor' as never, 1);
    await metrics.flush();

    expect(lines).toEqual([]);
  });

  it('go to the standard output, past the console', async () => {
    const written: unknown[] = [];
    const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(text) > 0);
    const consoled = vi.spyOn(console, 'log');
    const metrics = emfMetrics({ queue: 'messages', keepUntilFlush: true });
    metrics.record('MessagesSent', 1);
    await metrics.flush();
    stdout.mockRestore();

    expect(written).toEqual([expect.stringMatching(/^\{"_aws":.*\}\n$/)]);
    expect(consoled).not.toHaveBeenCalled();
  });

  it('need a queue with a name', () => {
    expect(() => emfMetrics({ queue: 'https://example.com/' })).toThrow(
      'queue: expected the name, URL or ARN',
    );
    expect(() => emfMetrics(undefined as never)).toThrow('queue: expected the name, URL or ARN');
  });
});

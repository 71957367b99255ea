import { CloudWatchClient, PutMetricDataCommand, type MetricDatum } from '@aws-sdk/client-cloudwatch';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, it, vi } from 'vitest';
import { metricUnits, type MetricName } from '../../contract/index.ts';
import { down, makeMetrics } from './cloudwatch.fixture.ts';
import { cloudWatchMetrics } from './index.ts';

const START = new Date('2026-01-01T00:00:00Z');

/** How many measurements a request tells of. */
function measurements({ StatisticValues, Counts = [] }: MetricDatum): number {
  return StatisticValues?.SampleCount ?? Counts.reduce((sum, count) => sum + count, 0);
}

describe('measurements', () => {
  it('go to CloudWatch after a minute, counts added up and durations with how often each occurred', async () => {
    const { metrics, clock, aws } = makeMetrics();
    for (const value of [10, 3, 7]) metrics.record('MessagesQueued', value);
    for (const value of [12, 250, 12]) metrics.record('QueueLatency', value);

    await clock.advance(59_999);
    expect(aws.requests).toEqual([]);
    await clock.advance(1);

    const Dimensions = [{ Name: 'QueueName', Value: 'messages' }];
    expect(aws.requests).toEqual([
      {
        Namespace: 'Huntaze/RateLimiter',
        MetricData: [
          {
            MetricName: 'MessagesQueued',
            Dimensions,
            Timestamp: START,
            Unit: 'Count',
            StatisticValues: { SampleCount: 3, Sum: 20, Minimum: 3, Maximum: 10 },
          },
          {
            MetricName: 'QueueLatency',
            Dimensions,
            Timestamp: START,
            Unit: 'Milliseconds',
            Values: [12, 250],
            Counts: [2, 1],
          },
        ],
      },
    ]);
  });

  it.each(Object.entries(metricUnits))('of %s have the unit %s', async (name, unit) => {
    const { metrics, aws } = makeMetrics();
    metrics.record(name as MetricName, 1);
    await metrics.flush();

    expect(aws.data()).toMatchObject([{ MetricName: name, Unit: unit }]);
  });

  it('keep their minute', async () => {
    const { metrics, clock, aws } = makeMetrics();
    await clock.advance(59_999);
    metrics.record('MessagesSent', 1);
    await clock.advance(1);
    metrics.record('MessagesSent', 1);

    await metrics.flush();

    expect(aws.data().map(({ Timestamp }) => Timestamp?.toISOString())).toEqual([
      '2026-01-01T00:00:00.000Z',
      '2026-01-01T00:01:00.000Z',
    ]);
  });

  it('are right to half a percent where they are durations', async () => {
    const { metrics, aws } = makeMetrics();
    const exact = [0, 0.123_456, 1, 999, 1_004, 86_399_999];
    for (const value of exact) metrics.record('QueueLatency', value);
    await metrics.flush();

    const kept = aws.data().flatMap(({ Values = [] }) => Values);
    expect(kept).toEqual([0, 0.123, 1, 999, 1_000, 86_400_000]);
    expect(exact.every((value, index) => Math.abs(value - (kept[index] ?? 0)) <= value * 0.005)).toBe(true);
  });

  it.each<[string, unknown]>([
    ['NaN', Number.NaN],
    ['an infinite number', Number.POSITIVE_INFINITY],
    ['a number beyond what CloudWatch takes', 2 ** 361],
    ['a text', '5'],
    ['a bigint', 5n],
    ['null', null],
    ['nothing', undefined],
    ['a symbol', Symbol('five')],
    ['what throws when it is read', { valueOf: () => expect.unreachable() }],
  ])('that are no finite number are left out, and counted: %s', async (_, value) => {
    const { metrics, aws } = makeMetrics();
    metrics.record('QueueLatency', value as never);
    metrics.record('MessagesSent', value as never);
    await metrics.flush();

    expect(metrics.dropped).toBe(2);
    expect(aws.data()).toMatchObject([
      { MetricName: 'DroppedMeasurements', StatisticValues: { SampleCount: 2, Sum: 2 } },
    ]);
  });

  it('of a metric that is none of ours are left out, and counted', async () => {
    const { metrics, aws } = makeMetrics();
    metrics.record('constructor' as never, 1);
    await metrics.flush();

    expect(aws.data()).toMatchObject([{ MetricName: 'DroppedMeasurements', StatisticValues: { Sum: 1 } }]);
  });

  it('fill a request with 1,000 numbers and no more, and are sent before their minute then', async () => {
    const { metrics, clock, aws } = makeMetrics();
    for (let value = 0; value < 999; value++) metrics.record('QueueLatency', value);
    await clock.advance(0);
    expect(aws.requests).toEqual([]);

    for (let value = 999; value < 5_000; value++) metrics.record('LimiterLatency', value / 7);
    await clock.advance(0);
    await metrics.flush();

    const sizes = aws.requests.map(({ MetricData = [] }) =>
      MetricData.reduce((sum, { Values = [] }) => sum + Values.length, 0),
    );
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1_000);
    expect(sizes.length).toBeGreaterThan(1);
    expect(aws.data().reduce((sum, datum) => sum + measurements(datum), 0)).toBe(5_000);
  });
});

describe('flush', () => {
  it('sends at once, and nothing when there is nothing', async () => {
    const { metrics, aws } = makeMetrics();
    await metrics.flush();
    metrics.record('MessagesSent', 1);
    await metrics.flush();
    await metrics.flush();

    expect(aws.requests).toHaveLength(1);
  });

  it('waits for what is recorded while another one is under way', async () => {
    const { metrics, aws } = makeMetrics();
    metrics.record('MessagesSent', 1);
    const first = metrics.flush();
    metrics.record('MessagesFailed', 1);
    await Promise.all([first, metrics.flush(), metrics.flush()]);

    expect(aws.data().map(({ MetricName }) => MetricName)).toEqual(['MessagesSent', 'MessagesFailed']);
  });
});

describe('while CloudWatch takes nothing', () => {
  it('measurements are kept, and sent with their minutes when it does again', async () => {
    const { metrics, clock, aws, logs } = makeMetrics();
    aws.answers(down);
    for (let minute = 0; minute < 3; minute++) {
      metrics.record('MessagesSent', 1);
      await clock.advance(60_000);
    }
    aws.answers('takes');
    await clock.advance(60_000);

    expect(aws.data().map(({ Timestamp }) => Timestamp?.getUTCMinutes())).toEqual([0, 1, 2]);
    expect(logs.map(({ level, message }) => [level, message])).toEqual([
      ['warn', 'CloudWatch takes no measurements: they are kept'],
      ['info', 'CloudWatch takes measurements again'],
    ]);
    expect(logs[0]?.fields).toEqual({ error: 'ServiceUnavailable', kept: 1 });
  });

  it('a request that is not answered is given up, and repeated', async () => {
    const { metrics, clock, aws } = makeMetrics({ timeoutMs: 2_000 });
    metrics.record('MessagesSent', 1);
    aws.answers('never');
    const flushed = metrics.flush();
    await clock.advance(2_000);
    await flushed;
    aws.answers('takes');
    await metrics.flush();

    expect(aws.aborted).toEqual([true]);
    expect(aws.data()).toHaveLength(1);
  });

  it('the oldest are dropped at last, and every dropped one is counted', async () => {
    const { metrics, clock, aws } = makeMetrics({ maxBufferedValues: 1_000 });
    aws.answers(down);
    let recorded = 0;
    for (let minute = 0; minute < 40; minute++) {
      for (let value = 100; value < 200; value++, recorded++) metrics.record('QueueLatency', value);
      await clock.advance(60_000);
    }
    const { dropped } = metrics;
    aws.answers('takes');
    await metrics.flush();

    const sent = aws.data().filter(({ MetricName }) => MetricName === 'QueueLatency');
    expect(dropped).toBeGreaterThan(0);
    expect(dropped + sent.reduce((sum, datum) => sum + measurements(datum), 0)).toBe(recorded);
    expect(Math.max(...sent.map(({ Timestamp }) => Number(Timestamp)))).toBe(START.getTime() + 39 * 60_000);
    const counted = aws.data().filter(({ MetricName }) => MetricName === 'DroppedMeasurements');
    expect(counted.reduce((sum, { StatisticValues }) => sum + (StatisticValues?.Sum ?? 0), 0)).toBe(dropped);
  });

  it('recording does not ask CloudWatch more often', async () => {
    const { metrics, clock, aws } = makeMetrics({ maxBufferedValues: 1_000 });
    const asked = vi.spyOn(aws.cloudWatch, 'send');
    aws.answers(down);
    for (let value = 0; value < 20_000; value++) metrics.record('QueueLatency', value);
    await clock.advance(59_000);

    expect(asked).toHaveBeenCalledTimes(1);
  });
});

describe('close', () => {
  it('sends what is kept, stops the timer, and records no more', async () => {
    const { metrics, clock, aws } = makeMetrics();
    metrics.record('MessagesSent', 1);
    const closed = metrics.close();
    await closed;
    metrics.record('MessagesSent', 1);
    await metrics.flush();

    expect(metrics.close()).toBe(closed);
    expect(aws.requests).toHaveLength(1);
    expect(clock.sleeping).toBe(0);
  });

  it('ends also while CloudWatch is down', async () => {
    const { metrics, aws } = makeMetrics();
    metrics.record('MessagesSent', 1);
    aws.answers(down);

    await expect(metrics.close()).resolves.toBeUndefined();
  });
});

describe('the CloudWatch client', () => {
  it('is created for the region of the queue, and closed', async () => {
    const mock = mockClient(CloudWatchClient);
    const destroy = vi.spyOn(CloudWatchClient.prototype, 'destroy');
    const regions: unknown[] = [];
    mock.on(PutMetricDataCommand).callsFake(async (_, getClient) => {
      regions.push(await getClient().config.region());
      return {};
    });
    const metrics = cloudWatchMetrics({ queue: 'https://sqs.us-east-2.amazonaws.com/123456789012/messages' });
    metrics.record('MessagesSent', 1);
    await metrics.close();

    expect(regions).toEqual(['us-east-2']);
    expect(destroy).toHaveBeenCalledTimes(1);
    mock.restore();
    destroy.mockRestore();
  });
});

describe('the options', () => {
  it('are checked, all at once', () => {
    expect(() =>
      cloudWatchMetrics({ queue: '', cloudWatch: {} as never, flushIntervalMs: 1, maxBufferedValues: 999 }),
    ).toThrow(
      [
        'queue: expected the name, URL or ARN of a queue, found an empty string',
        'cloudWatch: expected an object with send, found an object without send',
        'flushIntervalMs: expected a whole number from 1000 to 900000, found 1',
        'maxBufferedValues: expected a whole number from 1000 to 1000000, found 999',
      ].join('; '),
    );
  });

  it.each([
    'messages',
    'arn:aws:sqs:eu-west-1:123456789012:messages',
    'http://127.0.0.1:9324/000000000000/messages',
  ])('take the name of the queue from %s', async (queue) => {
    const { metrics, aws } = makeMetrics({ queue });
    metrics.record('MessagesSent', 1);
    await metrics.flush();

    expect(aws.data()[0]?.Dimensions).toEqual([{ Name: 'QueueName', Value: 'messages' }]);
  });
});

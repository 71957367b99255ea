import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { startCloudWatch, type CloudWatchServer } from './server.ts';

const metric = { namespace: 'Ours', name: 'Things', dimensions: { QueueName: 'messages' } };
let server: CloudWatchServer;
let client: CloudWatchClient;

beforeEach(async () => {
  server = await startCloudWatch();
  client = new CloudWatchClient({
    endpoint: server.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
});
afterEach(async () => {
  client.destroy();
  await server.stop();
});

describe('the stand-in for CloudWatch', () => {
  it('adds up single values, counted values and statistics', async () => {
    const Dimensions = [{ Name: 'QueueName', Value: 'messages' }];
    await client.send(
      new PutMetricDataCommand({
        Namespace: 'Ours',
        MetricData: [
          { MetricName: 'Things', Dimensions, Value: 1 },
          { MetricName: 'Things', Dimensions, Values: [10, 20], Counts: [1, 2] },
          {
            MetricName: 'Things',
            Dimensions,
            StatisticValues: { SampleCount: 4, Sum: 100, Minimum: 1, Maximum: 90 },
          },
        ],
      }),
    );

    expect(server.sum(metric)).toBe(151);
    expect(server.samples(metric)).toBe(8);
  });

  it('reads the embedded metrics of a log and leaves its other lines alone', () => {
    server.readLog([
      'a line',
      '{"level":"info"}',
      JSON.stringify({
        _aws: {
          CloudWatchMetrics: [
            { Namespace: 'Ours', Dimensions: [['QueueName']], Metrics: [{ Name: 'Things' }, { Name: 'Ms' }] },
          ],
        },
        QueueName: 'messages',
        Things: 3,
        Ms: [1, 2],
      }),
    ]);

    expect(server.sum(metric)).toBe(3);
    expect(server.samples({ ...metric, name: 'Ms' })).toBe(2);
  });

  it('tells metrics apart by their dimensions', async () => {
    const MetricData = [{ MetricName: 'Things', Value: 1 }];
    await client.send(new PutMetricDataCommand({ Namespace: 'Ours', MetricData }));

    expect(server.sum(metric)).toBe(0);
    expect(server.sum({ ...metric, dimensions: {} })).toBe(1);
  });
});

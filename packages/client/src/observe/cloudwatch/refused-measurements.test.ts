import { describe, expect, it } from 'vitest';
import { down, InvalidParameterValueException, makeMetrics } from './cloudwatch.fixture.ts';

describe('a measurement that CloudWatch refuses', () => {
  const DAY_MS = 86_400_000;

  /** Records with a clock that is wrong by so much, then with one that is right. */
  const recordWrongly = ({ metrics, clock }: ReturnType<typeof makeMetrics>, wrongByMs: number) => {
    metrics.record('MessagesFailed', 1);
    clock.step(wrongByMs);
    metrics.record('MessagesSent', 1);
    for (const value of [1, 2, 3]) metrics.record('QueueLatency', value);
    clock.step(-wrongByMs);
    metrics.record('MessagesQueued', 1);
  };

  it.each([
    ['15 days back', -15 * DAY_MS],
    ['three hours ahead', 10_800_000],
  ])('because its minute lies %s costs itself alone', async (_, wrongByMs) => {
    const made = makeMetrics();
    const { metrics, aws, logs } = made;
    recordWrongly(made, wrongByMs);
    await metrics.flush();

    expect(aws.data().map(({ MetricName }) => MetricName)).toEqual(['MessagesFailed', 'MessagesQueued']);
    expect(aws.asked).toHaveLength(2);
    expect(metrics.dropped).toBe(4);
    expect(logs).toEqual([
      {
        level: 'warn',
        fields: { error: 'InvalidParameterValueException', dropped: 4 },
        message: 'CloudWatch refuses measurements: they are dropped',
      },
    ]);

    await metrics.flush();
    expect(aws.data().at(-1)).toMatchObject({
      MetricName: 'DroppedMeasurements',
      StatisticValues: { SampleCount: 1, Sum: 4 },
    });
    expect(metrics.dropped).toBe(4);
  });

  it('is found although CloudWatch does not say which one it is', async () => {
    const made = makeMetrics();
    const { metrics, aws } = made;
    aws.saysNoMore();
    recordWrongly(made, -15 * DAY_MS);
    await metrics.flush();

    expect(aws.data().map(({ MetricName }) => MetricName)).toEqual(['MessagesFailed', 'MessagesQueued']);
    expect(metrics.dropped).toBe(4);
  });

  it('is found once CloudWatch can be reached again, and nothing is lost in between', async () => {
    const made = makeMetrics();
    const { aws, clock, logs } = made;
    aws.answers(down);
    recordWrongly(made, -15 * DAY_MS);
    await clock.advance(60_000);
    aws.answers('takes');
    await clock.advance(120_000);

    expect(aws.data().map(({ MetricName }) => MetricName)).toEqual([
      'MessagesFailed',
      'MessagesQueued',
      'DroppedMeasurements',
    ]);
    expect(logs.map(({ message }) => message)).toEqual([
      'CloudWatch takes no measurements: they are kept',
      'CloudWatch refuses measurements: they are dropped',
      'CloudWatch takes measurements again',
    ]);
  });

  it('is told once while all are refused, and asks CloudWatch once a minute', async () => {
    const { metrics, clock, aws, logs } = makeMetrics();
    aws.answers(
      new InvalidParameterValueException('The parameter MetricData.member.1.Timestamp must specify a time.'),
    );
    for (let minute = 0; minute < 10; minute++) {
      metrics.record('MessagesSent', 1);
      await clock.advance(60_000);
    }

    expect(metrics.dropped).toBe(10);
    expect(logs).toHaveLength(1);
    expect(aws.asked.length).toBeLessThanOrEqual(20);
    aws.answers('takes');
    await clock.advance(60_000);
    expect(aws.data()).toMatchObject([{ MetricName: 'DroppedMeasurements', StatisticValues: { Sum: 10 } }]);
  });

  it('is not looked for when the refusal is not about measurements', async () => {
    const made = makeMetrics();
    made.aws.answers(Object.assign(new Error('MetricData.member.1'), { name: 'AccessDenied' }));
    recordWrongly(made, 0);
    await made.metrics.flush();

    expect(made.aws.asked).toHaveLength(1);
    expect(made.metrics.dropped).toBe(0);
  });
});

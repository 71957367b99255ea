import type { MetricDatum, PutMetricDataCommand, PutMetricDataInput } from '@aws-sdk/client-cloudwatch';
import { makeLogger } from '../../client.fixture.ts';
import { fakeClock } from '../../testing/fake-clock.ts';
import type { CloudWatch } from './client.ts';
import { cloudWatchMetrics, type CloudWatchMetricsOptions } from './index.ts';

/** How CloudWatch answers: takes the request, or fails with this; or does not answer. */
type Answer = 'takes' | 'never' | Error;

/** A CloudWatch as strict as AWS's documentation of PutMetricData. */
function strictCloudWatch() {
  const requests: PutMetricDataInput[] = [];
  const aborted: boolean[] = [];
  let answer: Answer = 'takes';
  const cloudWatch: CloudWatch = {
    async send({ input }: PutMetricDataCommand, { abortSignal }) {
      refuseAsAws(input);
      if (answer === 'never') {
        return new Promise(() => {
          abortSignal.addEventListener('abort', () => aborted.push(true));
        });
      }
      if (answer !== 'takes') throw answer;
      requests.push(input);
      return {};
    },
  };
  return {
    cloudWatch,
    requests,
    aborted,
    data: () => requests.flatMap(({ MetricData = [] }) => MetricData),
    answers(next: Answer) {
      answer = next;
    },
  };
}

/** @throws {RangeError} for what AWS refuses. */
function refuseAsAws({ Namespace, MetricData = [] }: PutMetricDataInput): void {
  const complaints = [
    Namespace ? '' : 'no namespace',
    MetricData.length > 0 && MetricData.length <= 1_000 ? '' : `${MetricData.length} metrics`,
    Buffer.byteLength(JSON.stringify({ Namespace, MetricData })) <= 1_048_576 ? '' : 'more than 1 MB',
    ...MetricData.map(complaint),
  ].filter((text) => text !== '');
  if (complaints.length > 0) throw new RangeError(complaints.join('; '));
}

function complaint({ StatisticValues, Values, Counts }: MetricDatum): string {
  const numbers = [...Object.values(StatisticValues ?? {}), ...(Values ?? []), ...(Counts ?? [])];
  if (!numbers.every((value) => Math.abs(Number(value)) <= 2 ** 360)) return 'a number that is none';
  if ((StatisticValues === undefined) === (Values === undefined)) return 'not one kind of value';
  if (Values === undefined) return '';
  if (Values.length === 0 || Values.length > 150) return `${Values.length} values`;
  if (new Set(Values).size !== Values.length) return 'a value twice';
  return Values.length === Counts?.length ? '' : 'other counts than values';
}

/** Metrics to a strict CloudWatch, with a fake clock and ears on the log. */
export function makeMetrics(overrides: Partial<CloudWatchMetricsOptions> = {}) {
  const clock = fakeClock();
  const aws = strictCloudWatch();
  const { lines: logs, logger } = makeLogger();
  const metrics = cloudWatchMetrics({
    queue: 'https://sqs.eu-west-1.amazonaws.com/123456789012/messages',
    cloudWatch: aws.cloudWatch,
    clock,
    logger,
    ...overrides,
  });
  return { metrics, clock, aws, logs };
}

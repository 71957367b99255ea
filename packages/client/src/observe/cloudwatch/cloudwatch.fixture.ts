import type { MetricDatum, PutMetricDataCommand, PutMetricDataInput } from '@aws-sdk/client-cloudwatch';
import { makeLogger } from '../../client.fixture.ts';
import { fakeClock } from '../../testing/fake-clock.ts';
import type { CloudWatch } from './client.ts';
import { cloudWatchMetrics, type CloudWatchMetricsOptions } from './index.ts';

/** How CloudWatch answers: takes the request, or fails with this; or does not answer. */
type Answer = 'takes' | 'never' | Error;

const HOUR_MS = 3_600_000;

/** What AWS answers while it takes nothing. */
export const down = Object.assign(new Error('secret'), { name: 'ServiceUnavailable' });

/** What AWS answers when it refuses single metrics of a request, and with that all of it. */
export class InvalidParameterValueException extends Error {
  override readonly name = 'InvalidParameterValueException';
}

/** A CloudWatch as strict as AWS's documentation of PutMetricData. */
function strictCloudWatch(nowMs: () => number) {
  const asked: PutMetricDataInput[] = [];
  const requests: PutMetricDataInput[] = [];
  const aborted: boolean[] = [];
  let answer: Answer = 'takes';
  let wordsAbout = (index: number) =>
    `The parameter MetricData.member.${index + 1}.Timestamp must specify a time within the past two weeks.`;
  const cloudWatch: CloudWatch = {
    async send({ input }: PutMetricDataCommand, { abortSignal }) {
      refuseAsAws(input);
      asked.push(input);
      if (answer === 'never') {
        return new Promise(() => {
          abortSignal.addEventListener('abort', () => aborted.push(true));
        });
      }
      if (answer !== 'takes') throw answer;
      const wrong = (input.MetricData ?? []).flatMap(({ Timestamp }, index) =>
        isTaken(Number(Timestamp) - nowMs()) ? [] : [wordsAbout(index)],
      );
      if (wrong.length > 0) throw new InvalidParameterValueException(wrong.join('\n'));
      requests.push(input);
      return {};
    },
  };
  return {
    cloudWatch,
    asked,
    requests,
    aborted,
    data: () => requests.flatMap(({ MetricData = [] }) => MetricData),
    answers(next: Answer) {
      answer = next;
    },
    /** From now on a refusal does not say which metrics are wrong. */
    saysNoMore() {
      wordsAbout = () => 'refused';
    },
  };
}

/** CloudWatch takes a time of two weeks ago at most, and of two hours ahead (PutMetricData, `Timestamp`). */
function isTaken(aheadMs: number): boolean {
  return aheadMs >= -336 * HOUR_MS && aheadMs <= 2 * HOUR_MS;
}

/** @throws {RangeError} for what AWS refuses in any case. */
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
  const aws = strictCloudWatch(clock.nowMs);
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

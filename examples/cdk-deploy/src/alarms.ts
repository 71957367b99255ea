import { Duration, type Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Queues } from './queues.ts';

interface AlarmProps {
  readonly name: string;
  readonly key: IKey;
  readonly queues: Queues;
  readonly handler: IFunction;
  readonly email: string | undefined;
}

/** An alarm that fires above its threshold, in `breaching` of `of` periods. */
interface Alarm {
  readonly metric: cloudwatch.IMetric;
  readonly threshold: number;
  readonly periods: { readonly breaching: number; readonly of: number };
}

/**
 * Each alarm looks at more periods than it needs (M of N), because what is measured arrives late: with as many as it needs,
 * a period that is filled up or missing at first would decide for ever.
 */
export function addAlarms(stack: Stack, { name, key, queues, handler, email }: AlarmProps): void {
  const topic = new Topic(stack, 'Alarms', { topicName: `${name}-alarms`, masterKey: key, enforceSSL: true });
  // With a policy of its own, a topic loses the one that lets everything in its account publish.
  topic.grantPublish(
    new ServicePrincipal('cloudwatch.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': stack.account } },
    }),
  );
  if (email !== undefined) topic.addSubscription(new EmailSubscription(email));
  for (const [section, { metric, threshold, periods }] of Object.entries(alarmsOf(queues, handler))) {
    const alarm = new cloudwatch.Alarm(stack, `Alarm-${section}`, {
      alarmName: `${name}-${section}`,
      alarmDescription: `Runbook: ${section}`,
      metric,
      threshold,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
      datapointsToAlarm: periods.breaching,
      evaluationPeriods: periods.of,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(topic));
    alarm.addOkAction(new SnsAction(topic));
  }
}

function alarmsOf({ messages, deadLetters }: Queues, handler: IFunction): Readonly<Record<string, Alarm>> {
  const own = (metricName: string, statistic: string) =>
    new cloudwatch.Metric({
      namespace: 'Huntaze/RateLimiter',
      metricName,
      dimensionsMap: { QueueName: messages.queueName },
      statistic,
      period: Duration.minutes(5),
    });
  const eachMinute = { period: Duration.minutes(1), statistic: 'Maximum' };
  const once = { breaching: 1, of: 3 };
  const twice = { breaching: 2, of: 3 };
  return {
    'error-rate': {
      metric: new cloudwatch.MathExpression({
        expression: '100 * FILL(failed, 0) / (FILL(failed, 0) + FILL(sent, 0))',
        usingMetrics: { failed: own('MessagesFailed', 'Sum'), sent: own('MessagesSent', 'Sum') },
        period: Duration.minutes(5),
      }),
      threshold: 5,
      periods: once,
    },
    'queue-depth': {
      metric: new cloudwatch.MathExpression({
        expression: 'FILL(waiting, 0) + FILL(hidden, 0)',
        usingMetrics: {
          waiting: messages.metricApproximateNumberOfMessagesVisible(eachMinute),
          hidden: messages.metricApproximateNumberOfMessagesNotVisible(eachMinute),
        },
        period: Duration.minutes(1),
      }),
      threshold: 100,
      periods: { breaching: 5, of: 7 },
    },
    'oldest-message': {
      metric: messages.metricApproximateAgeOfOldestMessage(eachMinute),
      threshold: 600,
      periods: once,
    },
    // SQS leaves messages out of its own metric that were received three times: all that wait through an outage.
    'undelivered-message': { metric: own('OldestMessageAge', 'Maximum'), threshold: 600_000, periods: once },
    // The median, so that one account in line behind its own limit does not wake anybody while the others are served.
    latency: { metric: own('QueueLatency', 'p50'), threshold: 5_000, periods: once },
    'dead-letters': {
      metric: deadLetters.metricApproximateNumberOfMessagesVisible(eachMinute),
      threshold: 0,
      periods: once,
    },
    'limiter-outage': { metric: own('LimiterUnavailable', 'Sum'), threshold: 0, periods: twice },
    'function-errors': {
      metric: handler.metricErrors({ period: Duration.minutes(5) }),
      threshold: 0,
      periods: twice,
    },
    'function-throttles': {
      metric: handler.metricThrottles({ period: Duration.minutes(5) }),
      threshold: 0,
      periods: twice,
    },
  };
}

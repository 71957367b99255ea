import { App } from 'aws-cdk-lib';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import { METRIC_NAMESPACE, metricUnits } from '@huntaze/rate-limiter-client/contract';
import { accessTable, simulateAccess } from '@huntaze/testkit/iam';
import { beforeAll, describe, expect, it } from 'vitest';
import { alarmTable } from '../../lambda-deploy/src/terraform/metrics.fixture.ts';
import { readModule } from '../../lambda-deploy/src/terraform/module.fixture.ts';
import { RateLimiterStack } from './stack.ts';
import { policiesOf, props, synthesize } from './template.fixture.ts';

let template: Template;

beforeAll(() => {
  template = synthesize();
});

describe('the queues', () => {
  it('keep messages for 14 days, hide them for six timeouts, and leave dead letters to the handler', () => {
    template.hasResourceProperties('AWS::SQS::Queue', {
      QueueName: 'rate-limiter',
      MessageRetentionPeriod: 14 * 86_400,
      VisibilityTimeout: 6 * 30,
      RedrivePolicy: { maxReceiveCount: 1_000 },
      KmsMasterKeyId: Match.anyValue(),
    });
    template.hasResourceProperties('AWS::SQS::Queue', {
      QueueName: 'rate-limiter-dead-letters',
      MessageRetentionPeriod: 14 * 86_400,
      RedriveAllowPolicy: { redrivePermission: 'byQueue' },
      KmsMasterKeyId: Match.anyValue(),
    });
  });
});

describe('the event source mapping', () => {
  it('reports failures one by one and bounds how many batches run at once', () => {
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      BatchSize: 10,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 10 },
    });
  });
});

describe('the functions', () => {
  it('run the bundle on a runtime that can still be created', () => {
    for (const handler of ['index.handler', 'index.operate']) {
      template.hasResourceProperties('AWS::Lambda::Function', {
        Handler: handler,
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        LoggingConfig: { LogFormat: 'Text' },
        KmsKeyArn: Match.anyValue(),
      });
    }
  });

  it('get exactly the variables that the other deployment sets', async () => {
    const { locals } = await readModule();
    const functions = Object.values(template.findResources('AWS::Lambda::Function'));
    expect(functions).toHaveLength(2);
    for (const { Properties } of functions as { Properties: { Environment: { Variables: object } } }[]) {
      expect(new Set(Object.keys(Properties.Environment.Variables))).toEqual(
        new Set(Object.keys(locals['function_environment'] as object)),
      );
    }
  });

  it('find their secrets by reference: the template holds none', () => {
    const text = JSON.stringify(template.toJSON());
    expect(text).toContain('{{resolve:secretsmanager:rate-limiter:SecretString:upstreamToken::}}');
    expect(text).toContain(
      'rediss://:{{resolve:secretsmanager:rate-limiter:SecretString:cacheAuthToken::}}@',
    );
  });

  it('reach the cache, SQS and the port of the upstream', () => {
    template.hasResourceProperties('AWS::EC2::SecurityGroup', {
      SecurityGroupEgress: [
        Match.objectLike({ FromPort: 443, ToPort: 443 }),
        Match.objectLike({ FromPort: 8_443, ToPort: 8_443 }),
      ],
    });
    template.resourceCountIs('AWS::EC2::NatGateway', 1);
  });
});

describe('the cache', () => {
  it('is encrypted and refuses writes rather than evict', () => {
    template.hasResourceProperties('AWS::ElastiCache::ReplicationGroup', {
      Engine: 'valkey',
      TransitEncryptionEnabled: true,
      AtRestEncryptionEnabled: true,
      NumCacheClusters: 2,
    });
    template.hasResourceProperties('AWS::ElastiCache::ParameterGroup', {
      Properties: { 'maxmemory-policy': 'noeviction' },
    });
  });
});

describe('the policies, asked as IAM asks them,', () => {
  it('allow each call that is made, and none of those that nobody needs', () => {
    const rows = simulateAccess(policiesOf(template));
    console.log(accessTable(rows));

    expect(rows.filter(({ needed, allowed }) => needed !== allowed)).toEqual([]);
  });
});

describe('the alarms', () => {
  interface AlarmProperties {
    readonly AlarmName: string;
    readonly MetricName?: string;
    readonly Namespace?: string;
    readonly Period?: number;
    readonly Statistic?: string;
    readonly ExtendedStatistic?: string;
    readonly DatapointsToAlarm: number;
    readonly EvaluationPeriods: number;
    readonly AlarmActions: readonly unknown[];
    readonly OKActions: readonly unknown[];
    readonly TreatMissingData: string;
  }
  let alarms: readonly AlarmProperties[];
  beforeAll(() => {
    const found = Object.values(template.findResources('AWS::CloudWatch::Alarm'));
    alarms = found.map((alarm) => alarm['Properties'] as AlarmProperties);
  });

  it('are those of the other deployment', async () => {
    const module = await readModule();
    const rows = Object.entries(alarmTable(module)).map(([name, row]) => [
      `rate-limiter-${name}`,
      row.metric,
      row.stat,
      60 * row.minutes,
      row.periods.breaching,
      row.periods.of,
    ]);
    const direct = alarms
      .filter(({ MetricName }) => MetricName !== undefined)
      .map((alarm) => [
        alarm.AlarmName,
        alarm.MetricName,
        alarm.ExtendedStatistic ?? alarm.Statistic,
        alarm.Period,
        alarm.DatapointsToAlarm,
        alarm.EvaluationPeriods,
      ]);
    expect(new Set(direct)).toEqual(new Set(rows));
    expect(alarms.map(({ AlarmName }) => AlarmName)).toHaveLength(rows.length + 2);
  });

  it('look at more periods than they need, tell the topic, and read metrics that we emit', () => {
    for (const alarm of alarms) {
      expect(alarm.DatapointsToAlarm).toBeLessThan(alarm.EvaluationPeriods);
      expect(alarm).toMatchObject({
        TreatMissingData: 'notBreaching',
        AlarmActions: [expect.anything()],
        OKActions: [expect.anything()],
      });
    }
    const own = alarms.filter(({ Namespace }) => Namespace === METRIC_NAMESPACE);
    expect(own).toHaveLength(3);
    expect(Object.keys(metricUnits)).toEqual(expect.arrayContaining(own.map(({ MetricName }) => MetricName)));
  });
});

it.each([
  ['name', { name: 'rate--limiter' }],
  ['name', { name: 'sg-limiter' }],
  ['upstreamUrl', { upstreamUrl: 'http://upstream.example' }],
])('refuses a %s with which the deployment would fail', (name, wrong) => {
  expect(() => new RateLimiterStack(new App(), 'Wrong', { ...props, ...wrong })).toThrow(`${name}: expected`);
});

import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  alarmTable,
  metricsOfAlarms,
  metricsOfWidgets,
  neverEmitted,
  type Widget,
} from './metrics.fixture.ts';
import { readModule, type Module } from './module.fixture.ts';

const runbook = new URL('../../../../docs/runbook.md', import.meta.url);
let module: Module;

beforeAll(async () => {
  module = await readModule();
});

describe('the alarms', () => {
  it('read metrics that somebody emits', () => {
    expect(metricsOfAlarms(module)).toHaveLength(11);
    expect(neverEmitted(metricsOfAlarms(module))).toEqual([]);
  });

  it('would be silent on a misspelt name, namespace or dimension, which is found', () => {
    const use = metricsOfAlarms(module).find(({ name }) => name === 'MessagesFailed');
    const misspelt = [
      { ...use!, name: 'MessageFailed' },
      { ...use!, namespace: 'RateLimiter' },
      { ...use!, dimensions: ['Queue'] },
    ];
    expect(neverEmitted([use!, ...misspelt])).toEqual(misspelt);
  });

  it('are nine, each above a threshold of its own', () => {
    const thresholds = Object.entries(module.resources('aws_cloudwatch_metric_alarm'))
      .filter(([name]) => name !== 'of_metric')
      .map(([name, { threshold }]) => [name.replace('_', '-'), threshold]);
    const rows = Object.entries(alarmTable(module)).map(([name, { threshold }]) => [name, threshold]);
    expect(Object.fromEntries([...thresholds, ...rows])).toEqual({
      'error-rate': '${var.alarm_thresholds.error_rate_percent}',
      'queue-depth': '${var.alarm_thresholds.queue_depth}',
      'oldest-message': '${var.alarm_thresholds.oldest_message_seconds}',
      'undelivered-message': '${1000 * var.alarm_thresholds.oldest_message_seconds}',
      latency: '${var.alarm_thresholds.latency_ms}',
      'dead-letters': '${var.alarm_thresholds.dead_letters}',
      'limiter-outage': '${var.alarm_thresholds.limiter_unavailable}',
      'function-errors': '${var.alarm_thresholds.function_errors}',
      'function-throttles': '${var.alarm_thresholds.function_throttles}',
    });
  });

  it('look at more periods than they need, so that a late value cannot hold their state', () => {
    const { of_metric: ofTable, ...others } = module.resources('aws_cloudwatch_metric_alarm');
    for (const { datapoints_to_alarm: needed, evaluation_periods: of } of Object.values(others)) {
      expect(Number(needed)).toBeLessThan(Number(of));
    }
    for (const { periods } of Object.values(alarmTable(module))) {
      expect(periods.breaching).toBeLessThan(periods.of);
    }
    expect(ofTable).toMatchObject({
      datapoints_to_alarm: '${each.value.periods.breaching}',
      evaluation_periods: '${each.value.periods.of}',
    });
  });

  it('tell the topic when they begin and when they end, and keep quiet while nothing happens', () => {
    for (const alarm of Object.values(module.resources('aws_cloudwatch_metric_alarm'))) {
      expect(alarm).toMatchObject({
        comparison_operator: 'GreaterThanThreshold',
        alarm_actions: ['${aws_sns_topic.alarms.arn}'],
        ok_actions: ['${aws_sns_topic.alarms.arn}'],
        treat_missing_data: 'notBreaching',
      });
    }
  });

  it('lead to a section of the runbook each', async () => {
    const headings = new Set(
      [...(await readFile(runbook, 'utf8')).matchAll(/^## (.+)$/gm)].map(([, heading]) => heading),
    );
    const { of_metric: ofTable, ...others } = module.resources('aws_cloudwatch_metric_alarm');
    expect(ofTable).toMatchObject({
      alarm_name: '${var.name}-${each.key}',
      alarm_description: '${each.value.text} Runbook: ${each.key}',
    });
    for (const section of Object.keys(alarmTable(module))) expect(headings).toContain(section);
    for (const alarm of Object.values(others)) {
      const section = /Runbook: (\S+)$/.exec(String(alarm['alarm_description']))?.[1];
      expect(alarm['alarm_name']).toBe(`\${var.name}-${section}`);
      expect(headings).toContain(section);
    }
  });
});

describe('the dashboard', () => {
  it('has six widgets', () => {
    expect((module.locals['widgets'] as Widget[]).map(({ title }) => title)).toEqual([
      'Messages',
      'Waiting in the queue',
      'Age of the oldest message',
      'From the app to the upstream',
      'Held back by the limits',
      'Function',
    ]);
  });

  it('shows metrics that somebody emits', () => {
    expect(neverEmitted(metricsOfWidgets(module))).toEqual([]);
  });
});

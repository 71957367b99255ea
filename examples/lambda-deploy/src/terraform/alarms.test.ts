import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { metricsOfAlarms, metricsOfWidgets, neverEmitted, type Widget } from './metrics.fixture.ts';
import { readModule, type Module } from './module.fixture.ts';

const runbook = new URL('../../../../docs/runbook.md', import.meta.url);
let module: Module;

beforeAll(async () => {
  module = await readModule();
});

describe('the alarms', () => {
  it('read metrics that somebody emits', () => {
    expect(metricsOfAlarms(module)).toHaveLength(7);
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

  it('are five, each above a threshold of its own', () => {
    const alarms = module.resources('aws_cloudwatch_metric_alarm');
    const thresholds = Object.entries(alarms).map(([name, { comparison_operator: operator, threshold }]) => [
      name,
      `${String(operator)} ${String(threshold)}`,
    ]);
    expect(Object.fromEntries(thresholds)).toEqual({
      error_rate: 'GreaterThanThreshold ${var.alarm_thresholds.error_rate_percent}',
      queue_depth: 'GreaterThanThreshold ${var.alarm_thresholds.queue_depth}',
      oldest_message: 'GreaterThanThreshold ${var.alarm_thresholds.oldest_message_seconds}',
      latency: 'GreaterThanThreshold ${var.alarm_thresholds.latency_ms}',
      dead_letters: 'GreaterThanThreshold ${var.alarm_thresholds.dead_letters}',
    });
  });

  it('tell the topic when they begin and when they end, and keep quiet while nothing happens', () => {
    for (const alarm of Object.values(module.resources('aws_cloudwatch_metric_alarm'))) {
      expect(alarm).toMatchObject({
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
    for (const alarm of Object.values(module.resources('aws_cloudwatch_metric_alarm'))) {
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

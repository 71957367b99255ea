import { describe, expect, it } from 'vitest';
import type { LimiterCheck } from '../limiter/limiter.ts';
import { checkReporter } from './report-check.ts';

/** A logger that keeps its lines, and a limiter that counts its checks. */
function open(check?: () => Promise<LimiterCheck>) {
  const lines: unknown[] = [];
  const note = (level: string) => (fields: object) => void lines.push([level, fields]);
  const logger = { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') };
  let checks = 0;
  const counted = check && (() => (checks++, check()));
  const report = checkReporter(counted ? { check: counted } : {}, logger);
  return { report, lines, checks: () => checks };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('the check of a limiter', () => {
  it('is made once, and each of its findings is a line', async () => {
    const { report, lines, checks } = open(async () => ({
      problems: ['a user who may not'],
      warnings: ['keys are evicted'],
    }));
    report();
    report();
    await turn();
    expect(checks()).toBe(1);
    expect(lines).toEqual([
      ['error', { error: 'a user who may not' }],
      ['warn', { warning: 'keys are evicted' }],
    ]);
  });

  it.each([
    ['it finds nothing', async () => ({ problems: [], warnings: [] })],
    ['it fails', () => Promise.reject(new Error('no'))],
    [
      'it throws',
      () => {
        throw new Error('no');
      },
    ],
    ['it never ends', () => new Promise<never>(() => {})],
    ['there is none', undefined],
  ])('is silent when %s', async (_, check) => {
    const { report, lines } = open(check);
    expect(report()).toBeUndefined();
    await turn();
    expect(lines).toEqual([]);
  });
});

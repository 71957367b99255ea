import { redisForTests } from '@huntaze/testkit';
import { expect, it } from 'vitest';
import { backlog, compare, obvious, ours } from './comparison.ts';
import { drain } from './drain.ts';

const { redis, prefix } = await redisForTests();

it(
  'drains a backlog at the limit and loses nothing, where the obvious handler loses most',
  { timeout: 180_000 },
  async () => {
    const report = await drain(ours(redis, prefix));
    const baseline = await drain(obvious);
    console.log(compare({ ours: report, 'the obvious handler': baseline }));

    expect(report).toMatchObject({ delivered: backlog.messages, duplicates: 0, deadLetters: 0 });
    expect(report.worstWindow).toBeLessThanOrEqual(backlog.limit);
    expect(report.receivesPerMessage).toBeLessThanOrEqual(2.5);
    expect(report.timeOverIdeal).toBeLessThanOrEqual(1.1);
    expect(baseline.deadLetters).toBeGreaterThan(backlog.messages / 2);
  },
);

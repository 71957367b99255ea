import { redisForTests } from '@huntaze/testkit';
import { expect, it } from 'vitest';
import { backlog, compare, obvious, ours } from './comparison.ts';
import { drain } from './drain.ts';

const { redis, prefix } = await redisForTests();

it(
  'drains a backlog within the limit and loses nothing, where the obvious handler makes dead letters',
  { timeout: 300_000 },
  async () => {
    // Ours hides each message as long as it must wait; it needs no visibility that a busy machine outlasts.
    const report = await drain({ ...ours(redis, prefix), visibilitySeconds: 30 });
    const baseline = await drain(obvious);
    console.log(compare({ ours: report, 'the obvious handler': baseline }));

    expect(report).toMatchObject({ delivered: backlog.messages, duplicates: 0, deadLetters: 0 });
    expect(report.worstWindow).toBeLessThanOrEqual(backlog.limit);
    // How soon, after how many receives, and how many the other loses depends on what else the machine does: figures of
    // `pnpm baseline`, and judged in virtual time, sim/pacing.test.ts.
    expect(report.receivesPerMessage).toBeLessThan(baseline.receivesPerMessage);
    expect(baseline.deadLetters).toBeGreaterThan(0);
  },
);

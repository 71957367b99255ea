import { describe, expect, it } from 'vitest';
import { mixed, tenPerMinute } from './pacing-table.ts';
import { simulatePacing, type PacingOptions } from './pacing.ts';

/** One key, 10 per 60 s, any receive order, wake-ups up to 1.5 s late, deliveries of 20 to 150 ms. */
const simulate = (options: Partial<PacingOptions>) =>
  simulatePacing({
    seed: 1,
    messages: 1_000,
    ...tenPerMinute,
    ...options,
  });

describe('a backlog of one key, in virtual time', { timeout: 60_000 }, () => {
  it.each([1, 2, 3])('waits at about two receives per message (seed %i)', async (seed) => {
    const report = await simulate({ seed });
    expect(report).toMatchObject({ delivered: 1_000, deadLetters: 0, mostInWindow: 10 });
    expect(report.receivesPerMessage).toBeLessThanOrEqual(2.1);
    expect(report.mostReceives).toBeLessThanOrEqual(5);
    expect(report.lastOverIdeal).toBeLessThanOrEqual(1.01);
  });

  it.each([1, 2, 3, 4, 5, 6])(
    'lets urgent messages go first, at about three receives per message (seed %i)',
    async (seed) => {
      const report = await simulate({ seed, mix: mixed });
      expect(report).toMatchObject({ delivered: 1_000, deadLetters: 0, mostInWindow: 10 });
      expect(report.receivesPerMessage).toBeLessThanOrEqual(3.2);
      expect(report.mostReceives).toBeLessThanOrEqual(8);
      expect(report.lastOverIdeal).toBeLessThanOrEqual(1.01);
      expect(report.highMedian?.overIdeal).toBeLessThanOrEqual(1.1);
      expect(report.medianWaitMs.low).toBeGreaterThan(70 * 60_000);
    },
  );

  // Seed 1, and one priority: in pacing-table.test.ts.
  it.each([2, 3])(
    'lets urgent messages go first at no more when there are 10,000 (seed %i)',
    async (seed) => {
      const report = await simulate({ seed, messages: 10_000, mix: mixed });
      expect(report).toMatchObject({ delivered: 10_000, deadLetters: 0, mostInWindow: 10 });
      expect(report.receivesPerMessage).toBeLessThanOrEqual(3.2);
      expect(report.mostReceives).toBeLessThanOrEqual(8);
      expect(report.lastOverIdeal).toBeLessThanOrEqual(1.01);
      expect(report.highMedian?.overIdeal).toBeLessThanOrEqual(1.1);
    },
  );

  it('without an inline hold is billed a quarter of the time, for half as many receives again', async () => {
    const [held, unheld] = [await simulate({}), await simulate({ inlineHoldMs: 0 })];
    expect(unheld).toMatchObject({ delivered: 1_000, deadLetters: 0, mostInWindow: 10 });
    expect(unheld.billedMsPerMessage).toBeLessThan(held.billedMsPerMessage / 4);
    expect(unheld.receivesPerMessage).toBeLessThan(1.6 * held.receivesPerMessage);
    expect(unheld.lastOverIdeal).toBeLessThanOrEqual(1.03);
  });

  it('keeps the limit when deliveries take longer than the margin', async () => {
    const report = await simulate({ slowestMs: 8_000 });
    expect(report).toMatchObject({ delivered: 1_000, deadLetters: 0, mostInWindow: 10 });
  });

  it('does the same again with the same seed', async () => {
    expect(await simulate({ seed: 7, messages: 200 })).toEqual(await simulate({ seed: 7, messages: 200 }));
  });
});

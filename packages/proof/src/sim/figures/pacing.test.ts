import { describe, expect, it } from 'vitest';
import { mixed, tenPerMinute } from './pacing-table.ts';
import { simulatePacing, type PacingOptions } from './pacing.ts';

const tenPerSecond = { limit: 10, windowMs: 1_000 };

/** One key, 10 per 60 s, any receive order, wake-ups up to 1.5 s late, deliveries of 20 to 150 ms. */
const simulate = (options: Partial<PacingOptions>) =>
  simulatePacing({
    seed: 1,
    messages: 1_000,
    ...tenPerMinute,
    ...options,
  });

describe('a backlog of one key, in virtual time', { timeout: 600_000 }, () => {
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
    const billed = { held: 0, unheld: 0 };
    for (const seed of [1, 2, 3]) {
      const [held, unheld] = [await simulate({ seed }), await simulate({ seed, inlineHoldMs: 0 })];
      expect(unheld).toMatchObject({ delivered: 1_000, deadLetters: 0, mostInWindow: 10 });
      expect(unheld.receivesPerMessage).toBeLessThan(1.6 * held.receivesPerMessage);
      expect(unheld.lastOverIdeal).toBeLessThanOrEqual(1.03);
      billed.held += held.billedMsPerMessage;
      billed.unheld += unheld.billedMsPerMessage;
    }
    expect(billed.unheld).toBeLessThan(billed.held / 4);
  });

  it('keeps the limit when deliveries take longer than the margin', async () => {
    const report = await simulate({ slowestMs: 8_000 });
    expect(report).toMatchObject({ delivered: 1_000, deadLetters: 0, mostInWindow: 10 });
  });

  it('does the same again with the same seed', async () => {
    expect(await simulate({ seed: 7, messages: 200 })).toEqual(await simulate({ seed: 7, messages: 200 }));
  });
});

/** Wake-ups are on time and deliveries within the margin: it is the stall alone that makes waiters come too early. */
describe('a backlog whose first deliveries stall, in virtual time', { timeout: 600_000 }, () => {
  const stalled = (forMs: number, options: Partial<PacingOptions>) =>
    simulate({ lateMs: 100, slowestMs: 20, stall: { of: 'upstream', atMs: 0, forMs }, ...options });

  it.each([
    { ...tenPerMinute, messages: 200, atMost: 2.1 },
    { ...tenPerMinute, messages: 1_000, atMost: 2.1 },
    { ...tenPerSecond, messages: 200, atMost: 2.5 },
  ])(
    'for a second, waits at about two receives still ($limit per $windowMs ms, $messages messages)',
    async ({ atMost, ...backlog }) => {
      for (const seed of [1, 2, 3]) {
        const report = await stalled(1_000, { ...backlog, seed });
        expect(report).toMatchObject({ delivered: backlog.messages, deadLetters: 0, mostInWindow: 10 });
        expect(report.receivesPerMessage).toBeLessThanOrEqual(atMost);
      }
    },
  );

  it('for longer, comes back once more', async () => {
    for (const forMs of [3_000, 10_000]) {
      const report = await stalled(forMs, {});
      expect(report).toMatchObject({ delivered: 1_000, deadLetters: 0, mostInWindow: 10 });
      expect(report.receivesPerMessage).toBeLessThanOrEqual(3);
      expect(report.mostReceives).toBeLessThanOrEqual(3);
      expect(report.lastOverIdeal).toBeLessThanOrEqual(1.01);
    }
  });

  it('while its processes stand still, waits at about two receives', async () => {
    const report = await stalled(1_000, { stall: { of: 'processes', atMs: 150, forMs: 1_000 } });
    expect(report).toMatchObject({ delivered: 1_000, deadLetters: 0, mostInWindow: 10 });
    expect(report.receivesPerMessage).toBeLessThanOrEqual(2.1);
    expect(report.lastOverIdeal).toBeLessThanOrEqual(1.01);
  });
});

import { describe, expect, it } from 'vitest';
import { simulatePacing, type PacingOptions } from './pacing.ts';

const tenPerMinute = { limit: 10, windowMs: 60_000 };

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

  it('waits at no more when it is ten times as long', async () => {
    const report = await simulate({ messages: 10_000 });
    expect(report).toMatchObject({ delivered: 10_000, deadLetters: 0, mostInWindow: 10 });
    expect(report.receivesPerMessage).toBeLessThanOrEqual(2.5);
    expect(report.lastOverIdeal).toBeLessThanOrEqual(1.01);
  });

  it('lets urgent messages go first, at about three receives per message', async () => {
    const report = await simulate({ mix: { high: 0.1, medium: 0.45, low: 0.45 } });
    expect(report).toMatchObject({ delivered: 1_000, deadLetters: 0, mostInWindow: 10 });
    expect(report.receivesPerMessage).toBeLessThanOrEqual(3.2);
    expect(report.mostReceives).toBeLessThanOrEqual(8);
    // A tenth of 1,000 messages at 10 per minute: their median waits half of 10 minutes, rounded to whole windows.
    expect(report.medianWaitMs.high).toBeLessThan(6.6 * 60_000);
    expect(report.medianWaitMs.low).toBeGreaterThan(70 * 60_000);
  });

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

import { describe, expect, it } from 'vitest';
import { simulateFairness } from './fairness.ts';

const WORKERS = 5;
const BATCH_SIZE = 10;

describe('behind a backlog of one account', { timeout: 120_000 }, () => {
  it('of 100,000, the first message of another account is looked at by the next poll of a fair queue', async () => {
    const report = await simulateFairness({ fair: true, backlog: 100_000, workers: WORKERS });
    console.log('a fair queue', report);
    expect(report.pollsBetween).toBe(1);
    expect(report.deliveredMs).toBeLessThan(1_000);
  });

  it('the first is looked at when all are, in a queue that is not fair: backlog / (workers × batch size) batches later', async () => {
    const backlog = 30_000;
    const report = await simulateFairness({ fair: false, backlog, workers: WORKERS });
    console.log('a queue that is not fair', report);
    const batches = backlog / (WORKERS * BATCH_SIZE);
    expect(report.firstLookMs).toBeLessThanOrEqual(batches * report.batchMs);
    // That is the bound because it is reached.
    expect(report.firstLookMs).toBeGreaterThan(0.8 * batches * report.batchMs);
  });
});

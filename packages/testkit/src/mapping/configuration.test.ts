import { describe, expect, it } from 'vitest';
import { resolveConfiguration, type MappingConfiguration } from './configuration.ts';

const standard = { arn: 'arn:aws:sqs:us-east-1:000000000000:q', visibilityMs: 30_000 };
const fifo = { ...standard, arn: `${standard.arn}.fifo` };

describe('resolveConfiguration', () => {
  it('fills in the defaults', () => {
    expect(resolveConfiguration({ functionTimeoutMs: 5_000 }, standard)).toEqual({
      batchSize: 10,
      batchingWindowMs: 0,
      maxConcurrency: 5,
      functionTimeoutMs: 5_000,
      pollers: 5,
      pollWaitSeconds: 1,
    });
  });

  it('starts no more pollers than invocations may run', () => {
    expect(resolveConfiguration({ functionTimeoutMs: 1, maxConcurrency: 2 }, standard).pollers).toBe(2);
  });

  it('accepts a large batch with a window of one second', () => {
    const large = { functionTimeoutMs: 1, batchSize: 10_000, batchingWindowMs: 1_000 };
    expect(resolveConfiguration(large, standard)).toMatchObject(large);
  });

  it.each<[Partial<MappingConfiguration>, typeof standard, string]>([
    [{ batchSize: 0 }, standard, 'expected batchSize from 1 to 10000, found 0'],
    [{ batchSize: 1.5 }, standard, 'expected batchSize from 1 to 10000, found 1.5'],
    [
      { batchSize: 10_001, batchingWindowMs: 1_000 },
      standard,
      'expected batchSize from 1 to 10000, found 10001',
    ],
    [{ batchSize: 11, batchingWindowMs: 1_000 }, fifo, 'expected batchSize from 1 to 10, found 11'],
    [
      { batchSize: 11, batchingWindowMs: 999 },
      standard,
      'expected a batchingWindowMs of at least 1000 with a batchSize of 11, found 999',
    ],
    [{ batchingWindowMs: 1_000 }, fifo, 'expected no batchingWindowMs for a FIFO queue, found 1000'],
    [{ batchingWindowMs: 300_001 }, standard, 'expected batchingWindowMs from 0 to 300000, found 300001'],
    [{ maxConcurrency: 1 }, standard, 'expected maxConcurrency from 2 to 1000, found 1'],
    [{ maxConcurrency: 1_001 }, standard, 'expected maxConcurrency from 2 to 1000, found 1001'],
    [{ functionTimeoutMs: 0 }, standard, 'expected functionTimeoutMs from 1 to 900000, found 0'],
    [{ pollWaitSeconds: 21 }, standard, 'expected pollWaitSeconds from 1 to 20, found 21'],
    [
      { functionTimeoutMs: 30_001 },
      standard,
      "expected the queue's visibility to last at least the function timeout of 30001 ms, found 30000 ms",
    ],
  ])('refuses %j', (given, queue, problem) => {
    expect(() => resolveConfiguration({ functionTimeoutMs: 1_000, ...given }, queue)).toThrow(
      `AWS would refuse this mapping: ${problem}`,
    );
  });

  it('names every problem at once', () => {
    expect(() => resolveConfiguration({ functionTimeoutMs: 0, maxConcurrency: 1 }, standard)).toThrow(
      /maxConcurrency .*; expected functionTimeoutMs /,
    );
  });
});

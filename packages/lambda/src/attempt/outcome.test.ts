import { PermanentError, RetryAfterError } from '@huntaze/rate-limiter-client/contract';
import { describe, expect, it } from 'vitest';
import { backoffMs, outcomeOf, MAX_HOLD_MS } from './outcome.ts';

const policy = {
  attempt: 1,
  maxAttempts: 5,
  backoff: { initialDelayMs: 1_000, maxDelayMs: 900_000 },
  jitter: 0.5,
};

describe('the outcome of an attempt', () => {
  it('is another attempt after an error', () => {
    expect(outcomeOf(new RangeError('no'), policy)).toEqual({
      kind: 'retry',
      errorName: 'RangeError',
      afterMs: 500,
    });
  });

  it('is a dead letter after the last attempt', () => {
    const exhausted = { kind: 'rejected', reason: 'attempts-exhausted', errorName: 'RangeError' };
    expect(outcomeOf(new RangeError('no'), { ...policy, attempt: 4 }).kind).toBe('retry');
    expect(outcomeOf(new RangeError('no'), { ...policy, attempt: 5 })).toEqual(exhausted);
    expect(outcomeOf(new RangeError('no'), { ...policy, attempt: 6 })).toEqual(exhausted);
  });

  it('is a dead letter after a permanent error, with its own reason', () => {
    expect(outcomeOf(new PermanentError('gone'), policy)).toEqual({
      kind: 'rejected',
      reason: 'gone',
      errorName: 'PermanentError',
    });
  });

  it.each([
    [1_500, 1_500],
    [0, 0],
    [-1, 0],
    [0.2, 1],
    [MAX_HOLD_MS + 1, MAX_HOLD_MS],
  ])('is silence of %d ms, as the upstream asked, even after the last attempt', (retryAfterMs, holdMs) => {
    expect(outcomeOf(new RetryAfterError({ retryAfterMs }), { ...policy, attempt: 5 })).toEqual({
      kind: 'throttled',
      holdMs,
    });
  });
});

describe('backoff', () => {
  it.each([
    [1, 0.5, 500],
    [2, 0.5, 1_000],
    [3, 0.5, 2_000],
    [10, 0.5, 256_000],
    [11, 0.5, 450_000],
    [1_000, 0.5, 450_000],
    [3_000, 0, 0],
    [1, 0.000_1, 1],
  ])('after attempt %i, with chance at %d, is %i ms', (attempt, jitter, delayMs) => {
    expect(backoffMs(policy.backoff, attempt, jitter)).toBe(delayMs);
  });
});

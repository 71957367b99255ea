import { ConfigurationError } from '@huntaze/rate-limiter-client/contract';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createHandler } from './handler.ts';
import { memoryLimiter } from './limiter/memory/memory-limiter.ts';
import { perMinute, tokenBucket } from './limiter/limits/limit.ts';
import type { HandlerOptions } from './options.ts';
import { resolveSettings } from './settings.ts';
import { configurationProblems } from './testing/configuration-problems.ts';
import { DEAD_LETTER_QUEUE_URL } from './testing/records.ts';

const required: HandlerOptions = {
  deliver: async () => {},
  limits: perMinute(10),
  limiter: memoryLimiter(),
  deadLetterQueueUrl: DEAD_LETTER_QUEUE_URL,
};

/** The problems that the options have. */
const problemsOf = (overrides: Record<string, unknown>) =>
  configurationProblems(() => createHandler({ ...required, ...overrides }));

beforeEach(() => {
  vi.stubEnv('AWS_REGION', 'eu-west-1');
});
afterEach(() => {
  vi.unstubAllEnvs();
});

describe('defaults', () => {
  it('are filled in once, and frozen', () => {
    const settings = resolveSettings(required);

    expect(settings).toMatchObject({
      concurrency: 10,
      inlineHoldMs: 3_000,
      leaseMs: 60_000,
      maxAttempts: 5,
      usualDeliveryMs: 400,
      queueUrl: undefined,
      backoff: { initialDelayMs: 1_000, maxDelayMs: 900_000 },
      deliverTimeoutMs: 60_000,
      timeoutMs: 5_000,
      delivery: 'at-least-once',
      inFlightShare: 0.8,
    });
    expect(Object.isFrozen(settings)).toBe(true);
  });

  it('let a delivery take as long as its lease', () => {
    expect(resolveSettings({ ...required, leaseMs: 7_000 }).deliverTimeoutMs).toBe(7_000);
  });

  it('leave the other half of a backoff alone', () => {
    expect(resolveSettings({ ...required, backoff: { maxDelayMs: 5_000 } }).backoff).toEqual({
      initialDelayMs: 1_000,
      maxDelayMs: 5_000,
    });
  });

  it('are what a backoff has that is left out, and no longer than its longest delay', () => {
    const left = { initialDelayMs: undefined as never, maxDelayMs: undefined as never };
    expect(resolveSettings({ ...required, backoff: left }).backoff).toEqual({
      initialDelayMs: 1_000,
      maxDelayMs: 900_000,
    });
    expect(resolveSettings({ ...required, backoff: { maxDelayMs: 10 } }).backoff).toEqual({
      initialDelayMs: 10,
      maxDelayMs: 10,
    });
  });

  it('follow the limits: no margin without a window, unless one is given', () => {
    const limits = [tokenBucket({ capacity: 1, refillPerMinute: 1 })];
    expect(resolveSettings({ ...required, limits }).usualDeliveryMs).toBe(0);
    expect(resolveSettings({ ...required, limits, marginMs: 77 }).usualDeliveryMs).toBe(77);
  });
});

describe('a problem', () => {
  it.each([
    ['concurrency', 0, '1 to 100'],
    ['concurrency', 101, '1 to 100'],
    ['concurrency', 2.5, '1 to 100'],
    ['inlineHoldMs', -1, '0 to 60000'],
    ['inlineHoldMs', 60_001, '0 to 60000'],
    ['leaseMs', 999, '1000 to 43200000'],
    ['leaseMs', 43_200_001, '1000 to 43200000'],
    ['deliverTimeoutMs', 0, '1 to 43200000'],
    ['deliverTimeoutMs', Number.POSITIVE_INFINITY, '1 to 43200000'],
    ['timeoutMs', 0, '1 to 60000'],
    ['timeoutMs', 60_001, '1 to 60000'],
    ['retentionMs', 59_999, '60000 to 1209600000'],
    ['retentionMs', 1_209_600_001, '60000 to 1209600000'],
    ['maxAttempts', 0, '1 to 1000'],
    ['maxAttempts', Number.NaN, '1 to 1000'],
    ['marginMs', -1, '0 to 60000'],
    ['marginMs', Number.POSITIVE_INFINITY, '0 to 60000'],
  ])('is a %s of %d', (name, value, range) => {
    expect(problemsOf({ [name]: value })).toEqual([
      `${name}: expected a whole number from ${range}, found ${value}`,
    ]);
  });

  it.each([
    ['concurrency', [1, 100]],
    ['inlineHoldMs', [0, 60_000]],
    ['leaseMs', [1_000, 43_200_000]],
    ['deliverTimeoutMs', [1, 43_200_000]],
    ['timeoutMs', [1, 60_000]],
    ['retentionMs', [60_000, 1_209_600_000]],
    ['maxAttempts', [1, 1_000]],
    ['marginMs', [0, 60_000]],
  ])('is not the least or the most of %s', (name, values) => {
    expect(values.flatMap((value) => problemsOf({ [name]: value }))).toEqual([]);
  });

  it.each([
    ['initialDelayMs', -1],
    ['maxDelayMs', Number.NaN],
    ['maxDelayMs', 900_001],
  ])('is a backoff.%s of %s', (name, value) => {
    expect(problemsOf({ backoff: { [name]: value } })).toEqual([
      `backoff.${name}: expected a whole number from 0 to 900000, found ${value}`,
    ]);
  });

  it('is a first delay above the longest', () => {
    expect(problemsOf({ backoff: { initialDelayMs: 9_000, maxDelayMs: 5 } })).toEqual([
      'backoff.initialDelayMs: expected at most maxDelayMs, which is 5, found 9000',
    ]);
  });

  it.each([0, -0.1, 1.001, Number.NaN])('is an inFlightShare of %d', (inFlightShare) => {
    expect(problemsOf({ inFlightShare })).toEqual([
      `inFlightShare: expected above 0 and at most 1, found ${inFlightShare}`,
    ]);
  });

  it('is a delivery mode that does not exist', () => {
    expect(problemsOf({ delivery: 'exactly-once' })).toEqual([
      'delivery: expected at-least-once or at-most-once, found another string',
    ]);
  });

  it.each([
    ['open', 'neither'],
    [null, 'neither'],
    [{}, 'neither'],
    [{ localShare: '0.1' }, 'neither'],
    [{ localShare: 0 }, '0'],
    [{ localShare: 1.01 }, '1.01'],
    [{ localShare: Number.NaN }, 'NaN'],
  ])('is no way to go on without a limiter: %j', (onLimiterUnavailable, found) => {
    expect(problemsOf({ onLimiterUnavailable })).toEqual([
      `onLimiterUnavailable: expected park, or a localShare above 0 and at most 1, found ${found}`,
    ]);
  });

  it('is a local share with a delivery mode that must know of all deliveries', () => {
    const onLimiterUnavailable = { localShare: 0.1 };
    expect(problemsOf({ onLimiterUnavailable })).toEqual([]);
    expect(problemsOf({ onLimiterUnavailable, delivery: 'at-most-once' })).toEqual([
      'onLimiterUnavailable: expected park with at-most-once delivery, found a localShare',
    ]);
  });

  it('is listed with all the others in one error', () => {
    const nothing = { deliver: undefined, limits: [], limiter: undefined, deadLetterQueueUrl: '' };
    const make = () =>
      createHandler({ ...required, ...(nothing as object), concurrency: 0, maxAttempts: -1 });

    expect(problemsOf({ ...nothing, concurrency: 0, maxAttempts: -1 })).toEqual([
      'deliver: expected a function, found undefined',
      'limits: expected a list such as perMinute(10) or [slidingWindow(…)], found none',
      'limiter: expected an object with admit, settle, renew, found undefined without admit, settle, renew',
      'deadLetterQueueUrl: expected the URL of an SQS queue such as https://sqs.eu-west-1.amazonaws.com/123456789012/messages, found an empty string',
      'concurrency: expected a whole number from 1 to 100, found 0',
      'maxAttempts: expected a whole number from 1 to 1000, found -1',
    ]);
    expect(make).toThrow(ConfigurationError);
  });
});

import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  problemsFound,
  processOf,
  refusesWrongOptions,
  type Factory,
} from '../../kit/src/checks/wrong-options.fixture.ts';
import * as main from '../src/index.ts';
import * as polling from '../src/worker.ts';

const queueUrl = 'https://sqs.eu-west-1.amazonaws.com/123456789012/messages';
const sqs = { send: async () => ({}) };
const limiter = { admit: async () => [], settle: async () => [], renew: async () => [] };
const redis = { evalsha: async () => null, eval: async () => null };

const factories: Readonly<Record<string, Factory>> = {
  createHandler: {
    make: main.createHandler,
    valid: {
      deliver: async () => {},
      limits: main.perMinute(10),
      limiter,
      deadLetterQueueUrl: `${queueUrl}-dead`,
      sqs,
    },
    groups: ['backoff'],
    numbers: [
      'cost',
      'agingMs',
      'concurrency',
      'inlineHoldMs',
      'inFlightShare',
      'retentionMs',
      'marginMs',
      'leaseMs',
      'deliverTimeoutMs',
      'maxAttempts',
      'backoff.initialDelayMs',
      'backoff.maxDelayMs',
      'timeoutMs',
    ],
  },
  createWorker: {
    make: polling.createWorker,
    valid: { queueUrl, handler: async () => ({ batchItemFailures: [] }), sqs },
    numbers: ['concurrency', 'pollWaitMs', 'timeoutMs'],
  },
  memoryLimiter: { make: main.memoryLimiter, valid: {}, numbers: ['rememberMs'] },
  redisLimiter: {
    make: main.redisLimiter,
    valid: { redis },
    numbers: ['rememberMs', 'shards', 'timeoutMs'],
  },
  slidingWindow: {
    make: main.slidingWindow,
    valid: { limit: 10, windowMs: 1_000 },
    numbers: ['limit', 'windowMs'],
  },
  tokenBucket: {
    make: main.tokenBucket,
    valid: { capacity: 10, refillPerMinute: 10 },
    numbers: ['capacity', 'refillPerMinute'],
  },
  retryAfterFrom: {
    make: (given: object) => {
      const { response, ...options } = Object(given) as { response: Response };
      return main.retryAfterFrom(response, options);
    },
    valid: { response: new Response() },
    numbers: ['defaultMs', 'maxMs'],
  },
};

/** Takes no options but a number. */
const others = { perMinute: { make: main.perMinute, valid: 10 } };

describe.each(Object.entries(factories))('%s', (_, factory) => {
  refusesWrongOptions(factory);
});

describe('retryAfterFrom', () => {
  it.each<[main.RetryAfterOptions, readonly string[]]>([
    [
      { defaultMs: 9_000, maxMs: 5 },
      ['retryAfterFrom.defaultMs: expected at most maxMs, which is 5, found 9000'],
    ],
    [{ maxMs: 5 }, []],
  ])('holds a key without an answer for no longer than the longest: %j', (options, problems) => {
    const make = (given: main.RetryAfterOptions) => main.retryAfterFrom(new Response(), given);
    expect(problemsFound({ make }, options)).toEqual(problems);
  });
});

describe('perMinute', () => {
  it.each([0, -1, 1.5, Number.NaN, Infinity, '10', null, undefined, 1_000_000_001])('is not %j', (count) => {
    expect(problemsFound(others.perMinute, count)).toEqual([
      expect.stringMatching(/^perMinute: expected a whole number from 1 to 1000000000, found /),
    ]);
  });
});

describe.each(Object.entries({ ...factories, ...others }))('on an engine, %s', (_, { make, valid }) => {
  afterEach(() => vi.unstubAllGlobals());

  it('that is too old, is not made', () => {
    vi.stubGlobal('process', processOf({ node: '20.19.5' }));
    expect(problemsFound({ make }, valid)).toContain(
      'engine: expected Node 22.13 or newer, found 20.19.5: run this with a newer Node',
    );
  });

  it.each([{ node: '22.13.0' }, { node: '20.11.1', bun: '1.1.0' }, { node: '20.11.1', deno: '2.0.0' }])(
    'is made: %j',
    (versions) => {
      vi.stubGlobal('process', processOf(versions));
      expect(problemsFound({ make }, valid)).toEqual([]);
    },
  );
});

it('no factory is missing here', () => {
  const made = new Set([...Object.keys(factories), ...Object.keys(others)]);
  const callable = Object.entries({ ...main, ...polling })
    .filter(([name, value]) => typeof value === 'function' && !/^is[A-Z]|Error$/.test(name))
    .map(([name]) => name);
  expect(callable.filter((name) => !made.has(name))).toEqual([]);
});

import { describe, expect, it } from 'vitest';
import { createHandler } from '../src/handler.ts';
import { memoryLimiter } from '../src/limiter/memory/memory-limiter.ts';
import { perMinute, slidingWindow } from '../src/limiter/limits/limit.ts';
import { configurationProblems } from '../src/testing/configuration-problems.ts';
import { fakeSqs } from '../src/testing/fake-sqs.ts';
import { DEAD_LETTER_QUEUE_URL } from '../src/testing/records.ts';

const required = {
  deliver: async () => {},
  limits: perMinute(10),
  limiter: memoryLimiter(),
  deadLetterQueueUrl: DEAD_LETTER_QUEUE_URL,
  sqs: fakeSqs(),
};
const problemsOf = (overrides: Record<string, unknown>) =>
  configurationProblems(() => createHandler({ ...required, ...overrides }));
const window = slidingWindow({ limit: 1, windowMs: 1 });
const A_LIST = 'limits: expected a list such as perMinute(10) or [slidingWindow(…)], found';
const A_QUEUE =
  'expected the URL of an SQS queue such as https://sqs.eu-west-1.amazonaws.com/123456789012/messages, found';
const A_LIMIT = 'expected a limit such as slidingWindow(…), found';

describe('a handler', () => {
  it.each([[undefined], [null], ['redis://x'], [() => {}], [{}]])('is not made of %j', (options) => {
    expect(configurationProblems(() => createHandler(options as never))).toEqual([
      'deliver: expected a function, found undefined',
      `${A_LIST} undefined`,
      'limiter: expected an object with admit, settle, renew, found undefined without admit, settle, renew',
      `deadLetterQueueUrl: ${A_QUEUE} undefined`,
    ]);
  });

  it('knows what is no option', () => {
    const [problem, ...others] = problemsOf({ concurency: 5 });
    expect(others).toEqual([]);
    expect(problem).toMatch(
      /^concurency: expected an option that exists, found another option: did you mean concurrency\?$/,
    );
  });

  it('tells of a text where a number belongs, and does not repeat it', () => {
    expect(problemsOf({ marginMs: '5', cost: '1', agingMs: null, inFlightShare: '1' })).toEqual([
      'cost: expected a whole number from 1 to 10, the smallest limit or 1000, found a string',
      'agingMs: expected a whole number from 0 to 1209600000, found null',
      'inFlightShare: expected above 0 and at most 1, found a string',
      'marginMs: expected a whole number from 0 to 60000, found a string',
    ]);
  });

  it('tells which methods a client or a port lacks', () => {
    const { admit, settle } = required.limiter;
    expect(
      problemsOf({
        limiter: { admit, settle },
        payload: { parse: () => {} },
        sqs: {},
        metrics: 'emf',
        logger: console.log,
        tracer: [],
        onEvent: {},
        clock: { nowMs: Date.now },
        random: Math.random,
      }),
    ).toEqual([
      'limiter: expected an object with admit, settle, renew, found an object without renew',
      'payload: expected a Standard Schema, version 1 (https://standardschema.dev), found an object',
      'sqs: expected an object with send, found an object without send',
      'metrics: expected an object with record, found a string without record',
      'logger: expected an object with debug, info, warn, error, found a function without debug, info, warn, error',
      'tracer: expected an object with startSpan, found an array without startSpan',
      'onEvent: expected a function, found an object',
      'clock: expected an object with nowMs, monotonicMs, sleep, found an object without monotonicMs, sleep',
      'random: expected an object with next, found a function without next',
    ]);
  });
});

describe('its limits', () => {
  it.each([
    [[], 'none'],
    [null, 'null'],
    [10, '10'],
    ['10', 'a string'],
    [window, 'an object'],
  ])('are not %j', (limits, found) => {
    expect(problemsOf({ limits })).toEqual([`${A_LIST} ${found}`]);
  });

  it('are a flat list of limits', () => {
    expect(problemsOf({ limits: [perMinute(10), window, {}, 10] })).toEqual([
      `limits[0]: ${A_LIMIT} a list: spread it, as in [...perMinute(10)]`,
      `limits[2]: ${A_LIMIT} an object`,
      `limits[3]: ${A_LIMIT} 10`,
    ]);
    expect(problemsOf({ limits: [...perMinute(10), window] })).toEqual([]);
  });

  it('are checked when they come from elsewhere than the constructors', () => {
    const limits = [
      { kind: 'sliding-window', limit: '10', windowMs: 60_000 },
      { kind: 'token-bucket', capacity: 1 },
    ];
    expect(problemsOf({ limits, cost: 2 })).toEqual([
      'limits[0].limit: expected a whole number from 1 to 1000000000, found a string',
      'limits[1].refillPerMinute: expected above 0 and at most 60000000, found undefined',
    ]);
  });

  it('do not excuse a cost that no limit allows, when a function gives them', () => {
    expect(problemsOf({ limits: () => perMinute(10), cost: 1_001 })).toEqual([
      'cost: expected a whole number from 1 to 1000, the smallest limit or 1000, found 1001',
    ]);
  });
});

describe('its queues', () => {
  it('are two', () => {
    expect(problemsOf({ queueUrl: DEAD_LETTER_QUEUE_URL })).toEqual([
      'deadLetterQueueUrl: expected another queue than queueUrl, found the same',
    ]);
  });

  it.each([
    [
      'arn:aws:sqs:eu-west-1:123456789012:messages',
      'an ARN: `aws sqs get-queue-url` tells the URL of a queue by its name',
    ],
    ['', 'an empty string'],
    [7, '7'],
  ])('are not %j', (queueUrl, found) => {
    expect(problemsOf({ queueUrl })).toEqual([`queueUrl: ${A_QUEUE} ${found}`]);
  });
});

describe('its backoff', () => {
  it.each([
    [
      { initialDelayMs: 2_000, maxDelayMs: 1_000 },
      'backoff.initialDelayMs: expected at most maxDelayMs, which is 1000, found 2000',
    ],
    [
      { maxDelay: 5 },
      'backoff.maxDelay: expected an option that exists, found another option: did you mean maxDelayMs?',
    ],
    [{ maxDelayMs: '5' }, 'backoff.maxDelayMs: expected a whole number from 0 to 900000, found a string'],
    [5, 'backoff: expected an object of options, found 5'],
    [null, 'backoff: expected an object of options, found null'],
  ])('is not %j', (backoff, problem) => {
    expect(problemsOf({ backoff })).toEqual([problem]);
  });

  it('may be shorter than the first delay is by default', () => {
    expect(problemsOf({ backoff: { maxDelayMs: 500 } })).toEqual([]);
  });
});

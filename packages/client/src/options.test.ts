import { SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { FIFO_QUEUE_URL, QUEUE_URL } from './client.fixture.ts';
import { createRateLimiterClient } from './client.ts';
import { isConfigurationError } from './index.ts';
import { resolveOptions } from './settings.ts';

function problemsOf(options: unknown): readonly string[] {
  try {
    createRateLimiterClient(options as never);
    return [];
  } catch (error) {
    if (!isConfigurationError(error)) throw error;
    return error.problems;
  }
}

describe('options', () => {
  it('need a queue and nothing else', () => {
    expect(problemsOf({ queueUrl: QUEUE_URL })).toEqual([]);
    expect(problemsOf({ queueUrl: 'http://127.0.0.1:4566/000000000000/messages' })).toEqual([]);
  });

  it('are refused with every problem in one error', () => {
    const problems = problemsOf({
      queueUrl: 'messages',
      deadLetterQueueUrl: 7,
      payload: {},
      batchConcurrency: 0,
      fallbackAfterMs: -1,
      retry: { maxAttempts: 2.5 },
      breaker: 'closed',
      timeoutMs: '3 s',
      coalesce: { maxWaitMs: 5_000 },
      enabled: 'no',
      rolloutPercent: 101,
      bypass: true,
      onEvent: {},
      fallbackStore: [],
      sqs: {},
      clock: { nowMs: () => 0 },
      ids: null,
      random: 'dice',
      logger: console.log,
      metrics: {},
      tracer: {},
    });

    expect(problems).toEqual([
      'queueUrl: expected the URL of an SQS queue such as https://sqs.eu-west-1.amazonaws.com/123456789012/messages, found another string',
      'deadLetterQueueUrl: expected the URL of an SQS queue such as https://sqs.eu-west-1.amazonaws.com/123456789012/messages, found 7',
      'sqs: expected an object with send, found an object without send',
      'payload: expected a Standard Schema, version 1 (https://standardschema.dev), found an object',
      'fallbackStore: expected an object with save, claim, markReplayed, markFailed, counts, found an array without save, claim, markReplayed, markFailed, counts',
      'fallbackAfterMs: expected a whole number from 1 to 60000, found -1',
      'retry.maxAttempts: expected a whole number from 1 to 10, found 2.5',
      'breaker: expected an object of options, found a string',
      'timeoutMs: expected a whole number from 1 to 600000, found a string',
      'coalesce.maxWaitMs: expected a whole number from 0 to 1000, found 5000',
      'enabled: expected true or false, found a string',
      'rolloutPercent: expected a number from 0 to 100, found 101',
      'bypass: expected a function, found a boolean',
      'batchConcurrency: expected a whole number from 1 to 32, found 0',
      'clock: expected an object with nowMs, monotonicMs, sleep, found an object without monotonicMs, sleep',
      'ids: expected an object with next, found null without next',
      'random: expected an object with next, found a string without next',
      'logger: expected an object with debug, info, warn, error, found a function without debug, info, warn, error',
      'metrics: expected an object with record, found an object without record',
      'tracer: expected an object with startSpan, found an object without startSpan',
      'onEvent: expected a function, found an object',
    ]);
  });

  it('take no SQSClient that is too old for the commands, and any other object that sends', () => {
    const send = async () => ({});
    const old = { send, config: {}, middlewareStack: {} };

    expect(problemsOf({ queueUrl: QUEUE_URL, sqs: old })).toEqual([
      'sqs: expected a client of @aws-sdk/client-sqs 3.928.0 or newer, found an older one: update it',
    ]);
    expect(problemsOf({ queueUrl: QUEUE_URL, sqs: new SQSClient({}) })).toEqual([]);
    expect(problemsOf({ queueUrl: QUEUE_URL, sqs: { send, config: {} } })).toEqual([]);
  });

  it.each([[undefined], [null], ['https://x'], [{}]])('say what is missing from %j', (options) => {
    expect(problemsOf(options)).toEqual([expect.stringMatching(/^queueUrl: .* found undefined$/)]);
  });

  it.each([
    'arn:aws:sqs:eu-west-1:123456789012:messages',
    'https://sqs.eu-west-1.amazonaws.com',
    'https://sqs.eu-west-1.amazonaws.com/',
    ' https://sqs.eu-west-1.amazonaws.com/123456789012/messages',
    'https://sqs.eu-west-1.amazonaws.com/123456789012/mess ages',
    'ftp://sqs.eu-west-1.amazonaws.com/123456789012/messages',
    'https://[/123456789012/messages',
    '',
  ])('take no queue URL like %j', (queueUrl) => {
    expect(problemsOf({ queueUrl })).toHaveLength(1);
  });

  it.each<[object, string | undefined]>([
    [{ initialDelayMs: 9_000, maxDelayMs: 5 }, 'at most maxDelayMs, which is 5, found 9000'],
    [{ initialDelayMs: 9_000 }, 'at most maxDelayMs, which is 5000, found 9000'],
    [{ initialDelayMs: 5_000 }, undefined],
    [{ maxDelayMs: 5 }, undefined],
    [{ initialDelayMs: 5, maxDelayMs: 5 }, undefined],
  ])('take no first delay above the longest: %j', (retry, problem) => {
    expect(problemsOf({ queueUrl: QUEUE_URL, retry })).toEqual(
      problem === undefined ? [] : [`retry.initialDelayMs: expected ${problem}`],
    );
  });

  it('take a longest delay below the usual first one for both', () => {
    expect(resolveOptions({ queueUrl: QUEUE_URL, retry: { maxDelayMs: 5 } }).retry).toMatchObject({
      initialDelayMs: 5,
      maxDelayMs: 5,
    });
  });

  it('take no queue as its own dead-letter queue', () => {
    expect(problemsOf({ queueUrl: QUEUE_URL, deadLetterQueueUrl: QUEUE_URL })).toEqual([
      'deadLetterQueueUrl: expected another queue than queueUrl, found the same',
    ]);
  });

  it('take no schema of another version of the standard', () => {
    const payload = { '~standard': { version: 2, validate: () => {} } };

    expect(problemsOf({ queueUrl: QUEUE_URL, payload })).toHaveLength(1);
  });

  it('take a schema that is a function', () => {
    const payload = Object.assign(() => {}, { '~standard': z.string()['~standard'] });

    expect(problemsOf({ queueUrl: QUEUE_URL, payload })).toEqual([]);
  });

  it('allow one request at a time on a FIFO queue', () => {
    expect(problemsOf({ queueUrl: FIFO_QUEUE_URL, batchConcurrency: 2 })).toEqual([
      'batchConcurrency: expected 1, which keeps the order of a FIFO queue, found 2',
    ]);
    expect(problemsOf({ queueUrl: FIFO_QUEUE_URL, batchConcurrency: 1 })).toEqual([]);
  });

  it('are resolved once: later changes of the object do nothing', () => {
    const options = { queueUrl: QUEUE_URL, sqs: new SQSClient({}) };
    const resolved = resolveOptions(options);

    options.queueUrl = FIFO_QUEUE_URL;

    expect(resolved).toMatchObject({
      queueUrl: QUEUE_URL,
      deadLetterQueueUrl: undefined,
      batchConcurrency: 4,
    });
    expect(Object.isFrozen(resolved)).toBe(true);
  });
});

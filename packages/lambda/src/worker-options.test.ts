import { expect, it } from 'vitest';
import { configurationProblems } from './testing/configuration-problems.ts';
import { createWorker } from './worker.ts';

const required = {
  queueUrl: 'https://sqs.eu-west-1.amazonaws.com/123456789012/messages',
  handler: async () => {},
};

it.each([[undefined], [null], ['https://x'], [{}]])('a worker is not made of %j', (options) => {
  expect(configurationProblems(() => createWorker(options as never))).toEqual([
    'queueUrl: expected the URL of an SQS queue such as https://sqs.eu-west-1.amazonaws.com/123456789012/messages, found undefined',
    'handler: expected what createHandler gives, found undefined',
  ]);
});

it.each([
  [
    { queueUrl: 7 },
    'queueUrl: expected the URL of an SQS queue such as https://sqs.eu-west-1.amazonaws.com/123456789012/messages, found 7',
  ],
  [{ handler: {} }, 'handler: expected what createHandler gives, found an object'],
  [{ sqs: {} }, 'sqs: expected an object with send, found an object without send'],
  [{ concurrency: '4' }, 'concurrency: expected a whole number from 1 to 100, found a string'],
  [{ pollWaitMs: 999 }, 'pollWaitMs: expected whole seconds from 1000 to 20000, found 999'],
  [{ pollWaitMs: 21_000 }, 'pollWaitMs: expected whole seconds from 1000 to 20000, found 21000'],
  [{ pollWaitMs: '5000' }, 'pollWaitMs: expected whole seconds from 1000 to 20000, found a string'],
  [{ timeoutMs: Number.NaN }, 'timeoutMs: expected a whole number from 1 to 60000, found NaN'],
  [{ batchTimeoutMs: 999 }, 'batchTimeoutMs: expected a whole number from 1000 to 43200000, found 999'],
  [
    { signal: true },
    'signal: expected an object with addEventListener, found a boolean without addEventListener',
  ],
  [{ random: 0.5 }, 'random: expected an object with next, found 0.5 without next'],
  [
    { pollWait: 5 },
    'pollWait: expected an option that exists, found another option: did you mean pollWaitMs?',
  ],
])('a worker refuses %j', (options, problem) => {
  expect(configurationProblems(() => createWorker({ ...required, ...options } as never))).toEqual([problem]);
});

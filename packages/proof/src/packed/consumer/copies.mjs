// Run in a host that has the contract three times: its own, the same as CommonJS, and the copy named by the argument.
import { createRequire } from 'node:module';
import * as own from '@huntaze/rate-limiter-client/contract';
import { createHandler, memoryLimiter, perMinute } from '@huntaze/rate-limiter-lambda';

const copies = {
  commonjs: createRequire(import.meta.url)('@huntaze/rate-limiter-client/contract'),
  another: await import(process.argv[2]),
};

/** What our handler does with a message whose `deliver` throws an error of another copy. */
async function fateOf(error) {
  const deadLetters = [];
  const handler = createHandler({
    deliver: async () => {
      throw error;
    },
    limits: perMinute(10),
    limiter: memoryLimiter(),
    sqs: { send: async ({ input }) => deadLetters.push(input.MessageAttributes.reason.StringValue) },
    deadLetterQueueUrl: 'https://sqs.eu-west-1.amazonaws.com/123456789012/messages-dead',
  });
  const message = { id: 'm-1', key: 'account-1', priority: 'medium', payload: null, enqueuedAtMs: 0 };
  const record = {
    messageId: 'sqs-1',
    receiptHandle: 'receipt-1',
    body: own.serializeMessage(message),
    attributes: {},
    eventSourceARN: 'arn:aws:sqs:eu-west-1:123456789012:messages',
  };
  const { batchItemFailures } = await handler({ Records: [record] });
  return { deadLetters, failures: batchItemFailures.length };
}

const found = {};
for (const [name, copy] of Object.entries(copies)) {
  const error = new copy.PermanentError('no such account');
  found[name] = {
    sameClass: error instanceof own.PermanentError,
    theirsForUs: own.isPermanentError(error),
    oursForThem: copy.isPermanentError(new own.PermanentError('no such account')),
    othersApart: own.isRetryAfterError(error),
    ...(await fateOf(error)),
  };
}
console.log(JSON.stringify(found));

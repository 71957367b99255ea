import { SQSClient } from '@aws-sdk/client-sqs';
import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createHandler, memoryLimiter, PermanentError, perMinute } from '../src/index.ts';
import { createWorker } from '../src/worker.ts';
import { ENQUEUED_AT_MS, record, sqsEvent } from '../src/testing/records.ts';

const requests: string[] = [];

/** Every client that is made, without the network. */
beforeEach(() => {
  vi.stubEnv('AWS_REGION', 'eu-west-1');
  vi.spyOn(SQSClient.prototype, 'send').mockImplementation(async function answer(
    this: SQSClient,
    {
      input,
      constructor,
    }: { readonly input: { readonly QueueUrl: string }; readonly constructor: { name: string } },
  ) {
    requests.push(`${constructor.name} ${input.QueueUrl} in ${await this.config.region()}`);
    return {};
  } as never);
});

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  requests.length = 0;
});

const queueUrl = 'https://sqs.eusc-de-east-1.amazonaws.eu/123456789012/messages';
const eventSourceARN = 'arn:aws-eusc:sqs:eusc-de-east-1:123456789012:messages';

it('a handler without an SQS client asks each queue in the region that its ARN or URL names', async () => {
  const clock = fakeClock(ENQUEUED_AT_MS + 1_000);
  const handler = createHandler({
    deliver: async ({ id }) => {
      throw id === 'm-1' ? new PermanentError('no') : new Error('later');
    },
    limits: perMinute(10),
    limiter: memoryLimiter({ clock }),
    deadLetterQueueUrl: 'https://sqs.eu-central-1.amazonaws.com/123456789012/dead',
    clock,
  });

  const two = ['m-1', 'm-2'].map((messageId) => record({ messageId, eventSourceARN }));
  await handler(sqsEvent(...two));

  expect(new Set(requests)).toEqual(
    new Set([
      'SendMessageCommand https://sqs.eu-central-1.amazonaws.com/123456789012/dead in eu-central-1',
      `GetQueueAttributesCommand ${queueUrl} in eusc-de-east-1`,
      `ChangeMessageVisibilityBatchCommand ${queueUrl} in eusc-de-east-1`,
    ]),
  );
});

it('a worker without an SQS client polls in the region that its queue names', async () => {
  const clock = fakeClock();
  const handler = async () => ({ batchItemFailures: [] });
  const worker = createWorker({ queueUrl, handler, concurrency: 1, clock });

  worker.start();
  await vi.waitFor(() => expect(requests).not.toEqual([]), { interval: 1 });
  await worker.stop({ timeoutMs: 0 });

  expect(requests[0]).toBe(`ReceiveMessageCommand ${queueUrl} in eusc-de-east-1`);
});

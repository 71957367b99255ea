import type { SQSClient } from '@aws-sdk/client-sqs';
import type { JsonValue, PayloadSchema } from '@huntaze/rate-limiter-client/contract';
import type { LambdaHandler, TestRedis } from '@huntaze/testkit';
import { describe, expectTypeOf, it } from 'vitest';
import {
  createHandler,
  memoryLimiter,
  perMinute,
  redisLimiter,
  slidingWindow,
  tokenBucket,
  type BatchResponse,
  type DeliverContext,
  type Handler,
  type HandlerOptions,
  type Limit,
  type Message,
  type RedisClient,
  type HandlerEvent,
  type SqsClient,
} from './index.ts';
import { createWorker, type StopReport, type WorkerSqsClient } from './worker.ts';

declare const letters: PayloadSchema<{ text: string }, { text: string; length: number }>;
declare const readText: (message: Message<{ text: string }>) => Promise<void>;
declare const readAny: () => Promise<void>;
declare const readRecipient: (message: Message<{ to: string }>) => Promise<void>;
const common = { limits: perMinute(10), limiter: memoryLimiter(), deadLetterQueueUrl: 'https://dead' };

describe('deliver', () => {
  it('receives what the schema gives, not what it takes', () => {
    createHandler({
      ...common,
      payload: letters,
      deliver: async (message, context) => {
        expectTypeOf(message).toEqualTypeOf<Message<{ text: string; length: number }>>();
        expectTypeOf(context).toEqualTypeOf<DeliverContext>();
      },
    });
  });

  it('receives any JSON without a schema', () => {
    createHandler({
      ...common,
      deliver: async (message) => {
        expectTypeOf(message.payload).toEqualTypeOf<JsonValue>();
      },
    });
  });

  it('may expect less than it gets, and no more', () => {
    createHandler({ ...common, payload: letters, deliver: readText });
    // @ts-expect-error The schema promises no recipient.
    createHandler({ ...common, payload: letters, deliver: readRecipient });
  });

  it('may answer anything, later', () => {
    createHandler({ ...common, deliver: () => fetch('https://upstream') });
    // @ts-expect-error A promise tells when it is done.
    createHandler({ ...common, deliver: () => 'done' });
  });
});

describe('what is required', () => {
  it('cannot be left out', () => {
    const deliver = async () => {};
    // @ts-expect-error limits
    createHandler({ deliver, limiter: common.limiter, deadLetterQueueUrl: 'd' });
    // @ts-expect-error limiter
    createHandler({ deliver, limits: common.limits, deadLetterQueueUrl: 'd' });
    // @ts-expect-error deadLetterQueueUrl
    createHandler({ deliver, limits: common.limits, limiter: common.limiter });
    // @ts-expect-error deliver
    createHandler({ ...common });
    // @ts-expect-error redis
    redisLimiter({});
  });
});

describe('limits', () => {
  it('are those of the constructors', () => {
    expectTypeOf(perMinute(10)).toEqualTypeOf<readonly Limit[]>();
    expectTypeOf([
      slidingWindow({ limit: 1, windowMs: 1 }),
      tokenBucket({ capacity: 1, refillPerMinute: 1 }),
    ]).toExtend<HandlerOptions['limits']>();
  });

  it('do not compile when they are wrong', () => {
    // @ts-expect-error a number is no limit
    createHandler({ ...common, limits: 10, deliver: async () => {} });
    // @ts-expect-error limits come as a list
    createHandler({ ...common, limits: slidingWindow({ limit: 1, windowMs: 1 }), deliver: async () => {} });
    // @ts-expect-error no such kind
    createHandler({ ...common, limits: [{ kind: 'fixed-window', limit: 1 }], deliver: async () => {} });
    // @ts-expect-error a count is a number
    perMinute('10');
    // @ts-expect-error windows are in milliseconds
    slidingWindow({ limit: 10, windowSeconds: 60 });
    // @ts-expect-error a bucket needs its refill
    tokenBucket({ capacity: 10 });
  });
});

describe('the handler', () => {
  it('is one of Lambda: it takes its event and its context, and answers as it expects', () => {
    type SqsEvent = Parameters<LambdaHandler>[0];
    type Context = Parameters<LambdaHandler>[1];
    expectTypeOf<Handler>().toExtend<LambdaHandler>();
    expectTypeOf<SqsEvent>().toExtend<Parameters<Handler>[0]>();
    expectTypeOf<Context>().toExtend<NonNullable<Parameters<Handler>[1]>>();
    expectTypeOf<BatchResponse>().toExtend<{ batchItemFailures: { itemIdentifier: string }[] }>();
  });

  it('needs no context outside of Lambda', () => {
    expectTypeOf<Handler>().toBeCallableWith({ Records: [] });
  });
});

describe('a worker', () => {
  it('takes what createHandler gives, and tells what it left', () => {
    const worker = createWorker({
      queueUrl: 'https://queue',
      handler: createHandler({ ...common, deliver: readAny }),
    });
    expectTypeOf(worker.stop({ timeoutMs: 1 })).toEqualTypeOf<Promise<StopReport>>();
    // @ts-expect-error a worker needs a queue
    createWorker({ handler: createHandler({ ...common, deliver: readAny }) });
    // @ts-expect-error a worker needs a handler
    createWorker({ queueUrl: 'https://queue' });
  });
});

describe('delivery', () => {
  it('is one of two modes', () => {
    createHandler({ ...common, deliver: readAny, delivery: 'at-most-once' });
    // @ts-expect-error nobody can promise that
    createHandler({ ...common, deliver: readAny, delivery: 'exactly-once' });
  });
});

describe('an event', () => {
  it('is told apart by its kind', () => {
    createHandler({
      ...common,
      deliver: readAny,
      onEvent: (event) => {
        expectTypeOf(event).toEqualTypeOf<HandlerEvent>();
        if (event.kind === 'parked') expectTypeOf(event.dueAtMs).toEqualTypeOf<number>();
        // @ts-expect-error an unreadable body has no key
        if (event.kind === 'unreadable') expectTypeOf(event.key).toEqualTypeOf<string>();
      },
    });
  });
});

describe('an operator', () => {
  it('names the queue of a message where an upstream has several', async () => {
    const named = memoryLimiter({ upstream: 'example' });
    const redis = { evalsha: async () => null, eval: async () => null };

    void (() => named.find('key', 'id', { queueUrl: 'https://sqs.eu-west-1.amazonaws.com/1/q' }));
    // @ts-expect-error its ids are known by their queues
    void (() => named.find('key', 'id'));
    // @ts-expect-error its ids are known by their queues
    void (() => redisLimiter({ redis, upstream: 'example' }).cancel('key', 'id', { life: 2 }));
    void (() => redisLimiter({ redis }).find('key', 'id'));
    createHandler({ ...common, deliver: readAny, limiter: named });
  });
});

describe('infrastructure clients', () => {
  it('are accepted as they are', () => {
    expectTypeOf<SQSClient>().toExtend<SqsClient>();
    expectTypeOf<SQSClient>().toExtend<WorkerSqsClient>();
    expectTypeOf<TestRedis['redis']>().toExtend<RedisClient>();
  });

  it('are accepted as the few methods that are called', () => {
    const redis = { evalsha: async () => null, eval: async () => null };
    redisLimiter({ redis });
    // @ts-expect-error both commands are called
    redisLimiter({ redis: { evalsha: async () => null } });
  });
});

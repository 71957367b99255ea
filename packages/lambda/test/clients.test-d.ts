import type { SQSBatchResponse, SQSHandler } from 'aws-lambda';
import type { Cluster, Redis } from 'ioredis';
import { expectTypeOf, it } from 'vitest';
import * as z from 'zod/mini';
import {
  createHandler,
  memoryLimiter,
  perMinute,
  type BatchResponse,
  type Handler,
  type Message,
  type RedisClient,
} from '../src/index.ts';

it('the handler is one of Lambda for SQS', () => {
  expectTypeOf<Handler>().toExtend<SQSHandler>();
  expectTypeOf<BatchResponse>().toExtend<SQSBatchResponse>();
});

it('ioredis serves as it is, alone and as a cluster', () => {
  expectTypeOf<Redis>().toExtend<RedisClient>();
  expectTypeOf<Cluster>().toExtend<RedisClient>();
});

it('a zod schema gives deliver its output', () => {
  createHandler({
    limits: perMinute(10),
    limiter: memoryLimiter(),
    deadLetterQueueUrl: 'https://dead',
    payload: z.object({ text: z.string(), copies: z._default(z.number(), 1) }),
    deliver: async (message) => {
      expectTypeOf(message).toEqualTypeOf<Message<{ text: string; copies: number }>>();
    },
  });
});

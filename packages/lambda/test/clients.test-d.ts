import type { SQSBatchResponse, SQSHandler } from 'aws-lambda';
import type { Redis as Upstash } from '@upstash/redis';
import type { GlideClient, GlideClusterClient } from '@valkey/valkey-glide';
import type { Cluster, Redis } from 'ioredis';
import type { Cluster as Cluster5, Redis as Redis5 } from 'ioredis-5';
import type { Cluster as ValkeyCluster, Redis as Valkey } from 'iovalkey';
import { createClient, createClientPool, createCluster } from 'redis';
import { createClient as createClient5, createCluster as createCluster5 } from 'redis-5';
import { describe, expectTypeOf, it } from 'vitest';
import * as z from 'zod/mini';
import {
  createHandler,
  memoryLimiter,
  perMinute,
  redisLimiter,
  type BatchResponse,
  type Handler,
  type Message,
  type RedisClient,
} from '../src/index.ts';

it('the handler is one of Lambda for SQS', () => {
  expectTypeOf<Handler>().toExtend<SQSHandler>();
  expectTypeOf<BatchResponse>().toExtend<SQSBatchResponse>();
});

describe('a Redis client serves as it is', () => {
  it('ioredis 5 and 6, iovalkey', () => {
    expectTypeOf<Redis>().toExtend<RedisClient>();
    expectTypeOf<Cluster>().toExtend<RedisClient>();
    expectTypeOf<Redis5>().toExtend<RedisClient>();
    expectTypeOf<Cluster5>().toExtend<RedisClient>();
    expectTypeOf<Valkey>().toExtend<RedisClient>();
    expectTypeOf<ValkeyCluster>().toExtend<RedisClient>();
  });

  it('node-redis 5 and 6', () => {
    redisLimiter({ redis: createClient({ url: 'redis://127.0.0.1' }) });
    redisLimiter({ redis: createCluster({ rootNodes: [] }) });
    redisLimiter({ redis: createClientPool() });
    redisLimiter({ redis: createClient5() });
    redisLimiter({ redis: createCluster5({ rootNodes: [] }) });
  });

  it('valkey-glide', () => {
    expectTypeOf<GlideClient>().toExtend<RedisClient>();
    expectTypeOf<GlideClusterClient>().toExtend<RedisClient>();
  });

  it('that of Bun, as its types 1.4 declare what is called', () => {
    expectTypeOf<{
      readonly connected: boolean;
      send(command: string, args: string[]): Promise<unknown>;
      connect(): Promise<void>;
      close(): void;
    }>().toExtend<RedisClient>();
  });

  it('but not one that sends HTTP requests', () => {
    expectTypeOf<Upstash>().not.toExtend<RedisClient>();
  });
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

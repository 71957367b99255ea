import { writeSync } from 'node:fs';
import { SQSClient } from '@aws-sdk/client-sqs';
import { redisLimiter, type HandlerEvent } from '@huntaze/rate-limiter-lambda';
import { Redis } from 'ioredis';
import type { Told, WorkerTask } from './worker-process.ts';
import { startWorker } from './worker.ts';

/**
 * A process of its own that works on a scene and meets its end, or a pause, at a given point. Its task is its first
 * argument; it begins when its input does, and tells on its output what it has reached, before it goes on.
 */
const task = JSON.parse(process.argv[2] ?? '') as WorkerTask;
const sqs = new SQSClient({
  endpoint: task.sqsEndpoint,
  region: task.sqsRegion,
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  maxAttempts: 1,
});
const redis = new Redis(task.redisUrl);

/** Written at once: what is not written before a SIGKILL is lost. */
const tell = (told: Told) => void writeSync(1, `${JSON.stringify(told)}\n`);

let passed = 0;
/** Ends or freezes this process, without a chance to do anything first, when a message reaches the point. */
function pass(point: string, id: string): void {
  if (task.fate?.at !== point || ++passed !== task.fate.message) return;
  tell({ kind: 'struck', id });
  process.kill(process.pid, task.fate.signal);
}

const pointOf: Partial<Record<HandlerEvent['kind'], string>> = { admitted: 'claimed', delivered: 'recorded' };

tell({ kind: 'ready' });
process.stdin
  .once('end', () => process.exit())
  .once('data', () => {
    void startWorker({
      sqs,
      queue: task.queue,
      upstreamUrl: task.upstreamUrl,
      limiter: redisLimiter({ redis, prefix: task.prefix }),
      delivery: task.delivery,
      leaseMs: task.leaseMs,
      functionTimeoutMs: task.functionTimeoutMs,
      around: {
        before: (id) => {
          tell({ kind: 'calling', id });
          pass('before the call', id);
        },
        after: (id) => pass('after the call', id),
        end: (id) => tell({ kind: 'ended', id }),
      },
      onLate: (id, fromMs) => tell({ kind: 'late', id, fromMs }),
      onEvent: (event) => {
        if (event.kind === 'delivered') tell({ kind: 'recorded', id: event.messageId });
        const point = pointOf[event.kind];
        if (point !== undefined && 'messageId' in event) pass(point, event.messageId);
      },
    });
  });

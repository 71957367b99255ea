import { openSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createRateLimiterClient } from '@huntaze/rate-limiter-client';
import { sqliteFallbackStore } from '../sqlite/fallback-store.ts';
import { idOf } from './consume.ts';
import { tellingGivenUp } from './given-up.ts';
import { impatience } from './impatience.ts';
import type { SendTask, Told } from './sender-process.ts';

/** A process of its own that sends messages as a busy host does, and tells what became of each as soon as it knows. */
const task = JSON.parse(process.argv[2] ?? '') as SendTask;
const log = openSync(task.logPath, 'a');

/** Written at once: what is not written before a SIGKILL is lost. */
const tell = (told: Told) => void writeSync(log, `${JSON.stringify(told)}\n`);

const sqs = new SQSClient({
  endpoint: task.endpoint,
  region: task.region,
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  maxAttempts: 1,
});
const client = createRateLimiterClient({
  queueUrl: task.queueUrl,
  sqs: tellingGivenUp(sqs, (bodies) => bodies.map(idOf).forEach((id) => tell({ id, outcome: 'given up' }))),
  fallbackStore: sqliteFallbackStore(task.storePath),
  ...impatience,
});

/** How long each caller rests, so that the faults meet messages on their way and not a store that took all at once. */
const PAUSE_MS = 20;

/** Calls of `send` under way. */
const CALLERS = 25;

let next = task.from;
async function caller(): Promise<void> {
  while (next < task.from + task.count) {
    const index = next++;
    const id = `message-${index}`;
    const { outcome } = await client
      .send({ key: `account-${index % 100}`, id, payload: { index } })
      .catch(() => ({ outcome: 'refused' as const }));
    if (outcome !== 'bypassed') tell({ id, outcome });
    await sleep(PAUSE_MS);
  }
}

await Promise.all(Array.from({ length: CALLERS }, caller));
await client.close();

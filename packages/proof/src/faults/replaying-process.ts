import { writeSync } from 'node:fs';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createRateLimiterClient, type FallbackStore } from '@huntaze/rate-limiter-client';
import { openStore, type StorePlace } from './replay-stores.ts';

/** Where in a replay a process can be struck. */
export type ReplayPoint = 'claimed' | 'sent' | 'settled';

/** What the process is told, as JSON in its first argument. */
export interface ReplayTask {
  readonly place: StorePlace;
  readonly sqsEndpoint: string;
  readonly sqsRegion: string;
  readonly queueUrl: string;
  /** The process ends itself with SIGKILL when it has got here so many times. Without it, it replays to the end. */
  readonly fate?: { readonly at: ReplayPoint; readonly times: number };
}

const task = JSON.parse(process.argv[2] ?? '') as ReplayTask;
let passed = 0;

/** Ends this process without a chance to do anything first. */
function pass(point: ReplayPoint): void {
  if (task.fate?.at !== point || ++passed !== task.fate.times) return;
  process.kill(process.pid, 'SIGKILL');
}

const { store, close } = openStore(task.place);
const fallbackStore: FallbackStore = {
  ...store,
  async claim(request) {
    const claims = await store.claim(request);
    pass('claimed');
    return claims;
  },
  async markReplayed(claim) {
    pass('sent');
    const settled = await store.markReplayed(claim);
    pass('settled');
    return settled;
  },
};
const client = createRateLimiterClient({
  queueUrl: task.queueUrl,
  sqs: new SQSClient({
    endpoint: task.sqsEndpoint,
    region: task.sqsRegion,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  }),
  fallbackStore,
});
writeSync(1, JSON.stringify(await client.replay()));
await client.close();
await close();

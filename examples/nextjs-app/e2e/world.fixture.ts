import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SQSClient, SendMessageCommand } from '@aws-sdk/client-sqs';
import {
  lambdaFunction,
  startCloudWatch,
  startEventSourceMapping,
  startRedis,
  startSqs,
  startTcpProxy,
  startUpstream,
  until,
  type CloudWatchServer,
  type LambdaFunction,
  type SqsServer,
  type TestQueue,
  type Upstream,
} from '@huntaze/testkit';
import { bundleHandler } from '../../lambda-deploy/src/bundle.ts';
import { startApp, type App } from './app.fixture.ts';
import { migrate, postgresForApp } from './postgres.fixture.ts';

/** What the upstream allows. Shorter than a minute, so that nobody waits for one. */
export const limit = 10;
export const windowMs = 6_000;

/** The secret of the cron that replays. */
export const CRON_SECRET = 'e2e-cron';

/** The app and everything that it needs in production, on this machine. */
export interface World {
  readonly app: App;
  readonly upstream: Upstream;
  readonly cloudWatch: CloudWatchServer;
  readonly lambda: LambdaFunction;
  /** Ends SQS. Whoever asks it is refused. */
  stopSqs(): Promise<void>;
  /** Starts SQS again, at the same address, with the same queues, empty. */
  startSqs(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts it. */
export async function startWorld(): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'huntaze-e2e-'));
  const [bundle, redis, upstream, cloudWatch, firstSqs] = await Promise.all([
    bundleHandler(join(folder, 'index.mjs')),
    startRedis(),
    startUpstream({ limit, windowMs, latencyMs: 20 }),
    startCloudWatch(),
    startSqs(),
  ]);
  let sqs = firstSqs;
  const proxy = await startTcpProxy(portOf(sqs));
  const endpoint = `http://127.0.0.1:${proxy.port}`;
  const queue = await createQueue(sqs, endpoint);
  const client = new SQSClient({
    endpoint,
    region: sqs.region,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
  const queues = {
    SQS_RATE_LIMITER_QUEUE: queue.queueUrl,
    SQS_RATE_LIMITER_DLQ: queue.deadLetterQueueUrl,
    REDIS_URL: redis.url,
    AWS_REGION: sqs.region,
    AWS_ENDPOINT_URL_CLOUDWATCH: cloudWatch.endpoint,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  };
  const lambda = lambdaFunction({
    file: bundle,
    timeoutMs: 5_000,
    variables: {
      ...queues,
      RATE_LIMIT: String(limit),
      RATE_WINDOW_SECONDS: String(windowMs / 1_000),
      UPSTREAM_URL: upstream.url,
      UPSTREAM_TOKEN: 'a-token',
    },
  });
  const mapping = await startEventSourceMapping({
    sqs: client,
    queueUrl: queue.queueUrl,
    queueArn: queue.arn,
    handler: lambda.handler,
    functionTimeoutMs: lambda.longestInvocationMs,
    maxConcurrency: 2,
  });
  const postgres = await postgresForApp();
  await migrate(postgres.url);
  const app = await startApp({ ...queues, CRON_SECRET, DATABASE_URL: postgres.url });
  await warmUp(client, queue, upstream);
  return {
    app,
    upstream,
    cloudWatch,
    lambda,
    stopSqs: () => sqs.stop(),
    startSqs: async () => {
      sqs = await startSqs();
      await createQueue(sqs, endpoint);
      proxy.retarget(portOf(sqs));
    },
    stop: async () => {
      await app.stop();
      await postgres.stop();
      await mapping.stop();
      await lambda.stop();
      client.destroy();
      await Promise.all([proxy.stop(), sqs.stop(), redis.stop(), upstream.stop(), cloudWatch.stop()]);
      await rm(folder, { recursive: true });
    },
  };
}

const portOf = ({ endpoint }: SqsServer) => Number(new URL(endpoint).port);

async function createQueue(sqs: SqsServer, endpoint: string): Promise<TestQueue> {
  const { queueUrl, deadLetterQueueUrl, arn } = await sqs.createQueue({
    name: 'messages',
    visibilitySeconds: 30,
    maxReceiveCount: 1_000,
  });
  const through = (url: string) => `${endpoint}${new URL(url).pathname}`;
  return { queueUrl: through(queueUrl), deadLetterQueueUrl: through(deadLetterQueueUrl), arn };
}

/** A new Redis makes every account wait for a window, once. One message gets that over with. */
async function warmUp(client: SQSClient, { queueUrl }: TestQueue, { ledger }: Upstream): Promise<void> {
  const message = {
    v: 1,
    id: 'warm-up',
    key: 'warm-up',
    priority: 'low',
    payload: { recipientId: 'nobody', content: 'Warm-up' },
    enqueuedAtMs: Date.now(),
  };
  await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify(message) }));
  await until('the first delivery', () => ledger.calls.length > 0, { timeoutMs: 30_000 });
}

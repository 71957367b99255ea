import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRateLimiterClient } from '@huntaze/rate-limiter-client';
import { onlyFansMessage } from '@huntaze/rate-limiter-client/presets';
import {
  lambdaFunction,
  startEventSourceMapping,
  startRedis,
  startSqs,
  startUpstream,
  until,
  type InvocationReport,
  type LambdaFunction,
  type RedisServer,
  type SqsServer,
  type TestQueue,
  type Upstream,
  type UpstreamOptions,
} from '@huntaze/testkit';
import type { Context, SQSEvent } from 'aws-lambda';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { bundleHandler } from './bundle.ts';

const limit = 4;
const windowSeconds = 2;

let folder: string;
let bundle: string;
let sqs: SqsServer;
let redis: RedisServer;
const cleanUp: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'huntaze-bundle-'));
  [bundle, sqs, redis] = await Promise.all([
    bundleHandler(join(folder, 'index.mjs')),
    startSqs(),
    startRedis(),
  ]);
});
afterEach(async () => {
  for (const end of cleanUp.splice(0).toReversed()) await end();
});
afterAll(async () => {
  await Promise.all([sqs.stop(), redis.stop(), rm(folder, { recursive: true })]);
});

interface Deployment {
  readonly queue: TestQueue;
  readonly upstream: Upstream;
  readonly lambda: LambdaFunction;
  /** What came of each invocation. */
  readonly reports: readonly InvocationReport[];
  send(count: number): Promise<void>;
  /** Invokes the operators' function. */
  operate(request: object): unknown;
}

interface Circumstances extends Partial<UpstreamOptions> {
  readonly functionTimeoutMs: number;
  /** Where at the upstream messages go. Default: where it takes them. */
  readonly path?: string;
}

/** The bundle behind a queue of its own, as Terraform would put it there. */
async function deploy(
  name: string,
  { functionTimeoutMs, path = '', ...upstreamOptions }: Circumstances,
): Promise<Deployment> {
  const queue = await sqs.createQueue({ name, visibilitySeconds: 30, maxReceiveCount: 1_000 });
  const upstream = await startUpstream({ limit, windowMs: windowSeconds * 1_000, ...upstreamOptions });
  const variables = {
    SQS_RATE_LIMITER_QUEUE: queue.queueUrl,
    SQS_RATE_LIMITER_DLQ: queue.deadLetterQueueUrl,
    REDIS_URL: redis.url,
    RATE_LIMIT: String(limit),
    RATE_WINDOW_SECONDS: String(windowSeconds),
    UPSTREAM_URL: `${upstream.url}${path}`,
    UPSTREAM_TOKEN: 'a-token',
  };
  const lambda = lambdaFunction({ file: bundle, timeoutMs: functionTimeoutMs, variables });
  const operator = lambdaFunction({
    file: bundle,
    handlerName: 'operate',
    timeoutMs: functionTimeoutMs,
    variables,
  });
  const reports: InvocationReport[] = [];
  const mapping = await startEventSourceMapping({
    sqs: sqs.client,
    queueUrl: queue.queueUrl,
    queueArn: queue.arn,
    handler: lambda.handler,
    functionTimeoutMs: lambda.longestInvocationMs,
    maxConcurrency: 2,
    onInvocation: (report) => void reports.push(report),
  });
  const client = createRateLimiterClient({
    queueUrl: queue.queueUrl,
    sqs: sqs.client,
    payload: onlyFansMessage,
  });
  cleanUp.push(
    () => upstream.stop(),
    () => lambda.stop(),
    () => operator.stop(),
    () => mapping.stop(),
    () => client.close(),
  );
  const send = async (count: number) => {
    await client.batch(
      Array.from({ length: count }, (_, index) => ({
        key: name,
        payload: { recipientId: `fan-${index}`, content: 'Hello!' },
      })),
    );
  };
  const operate = (request: object) => operator.handler(request as SQSEvent, {} as Context);
  return { queue, upstream, lambda, reports, send, operate };
}

const accepted = ({ ledger }: Upstream) => ledger.calls.filter(({ accepted: taken }) => taken);

it('delivers each message once and within the limits, from processes that share nothing but Redis', async () => {
  const { queue, upstream, lambda, send } = await deploy('account-1', { functionTimeoutMs: 20_000 });

  await send(10);
  await until('ten messages to be delivered', () => accepted(upstream).length === 10);

  expect(upstream.ledger.worstWindow()).toBeLessThanOrEqual(limit);
  expect(upstream.ledger.duplicates()).toEqual([]);
  expect(lambda.log.join('\n')).not.toMatch(/"level":"(warn|error)"/);
  await until('an empty queue', async () => (await sqs.readAll(queue.queueUrl)).length === 0);
  expect(await sqs.readAll(queue.deadLetterQueueUrl)).toEqual([]);
});

it('makes what the upstream refuses for good a dead letter, with the reason', async () => {
  const { queue, send } = await deploy('account-2', { functionTimeoutMs: 3_000, path: '/no-such-route' });

  await send(1);

  const [letter] = await until('a dead letter', async () => {
    const letters = await sqs.readAll(queue.deadLetterQueueUrl);
    return letters.length > 0 && letters;
  });
  expect(letter?.attributes).toMatchObject({ reason: 'the upstream answered 404', attempts: '1' });
  expect(JSON.parse(letter?.body ?? '')).toMatchObject({
    key: 'account-2',
    payload: { recipientId: 'fan-0' },
  });
});

it('gives a delivery up in time, so that no process is killed with messages in hand', async () => {
  const { upstream, lambda, reports, send } = await deploy('account-3', {
    functionTimeoutMs: 2_000,
    latencyMs: 10_000,
  });

  await send(1);
  await until('a second attempt', () => upstream.ledger.calls.length === 2);

  expect(lambda.coldStarts).toBe(1);
  expect(reports.map(({ invocation }) => invocation.kind)).not.toContain('timed-out');
  expect(reports.length).toBeGreaterThan(0);
});

it('lets operators pause an account, look at it, and let it go on', async () => {
  const { upstream, operate, send } = await deploy('account-4', { functionTimeoutMs: 3_000 });
  const account = 'account-4';

  await operate({ action: 'pause', account });
  expect(await operate({ action: 'inspect', account })).toMatchObject({ account, paused: true });
  await operate({ action: 'resume', account });
  await send(1);
  await until('the delivery', () => accepted(upstream).length === 1);
  const messageId = upstream.ledger.calls[0]?.id;
  await until('its record', async () => {
    const found = (await operate({ action: 'find', account, messageId })) as { state: string };
    return found.state === 'delivered';
  });

  expect(await operate({ action: 'cancel', account, messageId })).toMatchObject({ cancelled: false });
  await expect(operate({ action: 'delete', account })).rejects.toThrow('expected inspect, pause');
  await expect(operate({ action: 'inspect' })).rejects.toThrow('account: expected a text');
});

it('says what is missing in its environment before it takes a message', async () => {
  const lambda = lambdaFunction({ file: bundle, timeoutMs: 1_000, variables: {} });
  cleanUp.push(() => lambda.stop());

  await expect(lambda.handler({ Records: [] }, {} as Context)).rejects.toThrow('Runtime.ExitError');

  const log = lambda.log.join('\n');
  for (const name of [
    'REDIS_URL',
    'SQS_RATE_LIMITER_QUEUE',
    'SQS_RATE_LIMITER_DLQ',
    'UPSTREAM_URL',
    'UPSTREAM_TOKEN',
  ]) {
    expect(log).toContain(`${name}: expected`);
  }
});

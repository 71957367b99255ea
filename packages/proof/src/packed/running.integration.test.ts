import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { redisForTests, startSqs, type SqsServer } from '@huntaze/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleFor, bundlers } from './bundle.ts';
import { install, openHost, type Host } from './host.ts';
import { mustRun } from './run.ts';
import { commandOf, runtimeNames, versionOf } from './runtimes.ts';

const kinds = ['ES modules', 'CommonJS'] as const;
const { redis, prefix } = await redisForTests();

let folder: string;
let sqs: SqsServer;
const hosts = {} as Record<(typeof kinds)[number], Host>;

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'huntaze-running-')));
  [sqs] = await Promise.all([startSqs(), install(folder)]);
  for (const [index, kind] of kinds.entries()) {
    hosts[kind] = await openHost(folder, kind, `host-${index}`);
    await hosts[kind].compile('app.ts');
  }
}, 300_000);
afterAll(() => Promise.all([sqs.stop(), rm(folder, { recursive: true })]));

/** What `consumer/app.ts` reports. */
const happened = {
  outcome: 'queued',
  refused: true,
  statuses: [401, 202],
  delivered: ['Hello, attempt 1', 'Posted, attempt 1'],
  fallback: { pending: 1, dead: 0 },
  measured: 2,
};

let queues = 0;

/** Runs a command of a host with a queue of its own, and gives what it printed once the queue is empty. */
async function runWithQueue(command: readonly [string, ...string[]], kind: (typeof kinds)[number]) {
  const name = `queue-${++queues}`;
  const queue = await sqs.createQueue({ name, visibilitySeconds: 30 });
  const { host, port } = redis.options;
  const [program, ...args] = command;
  const printed = await mustRun(program, args, hosts[kind].folder, {
    SQS_RATE_LIMITER_QUEUE: queue.queueUrl,
    DEAD_LETTER_QUEUE_URL: queue.deadLetterQueueUrl,
    REDIS_URL: `redis://${host}:${port}`,
    REDIS_PREFIX: `${prefix}${name}`,
    AWS_ENDPOINT_URL_SQS: sqs.endpoint,
    AWS_REGION: sqs.region,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  });
  expect(await sqs.readAll(queue.queueUrl)).toEqual([]);
  expect(await sqs.readAll(queue.deadLetterQueueUrl)).toEqual([]);
  return printed;
}

describe.each(runtimeNames)('%s', (runtime) => {
  it.each(kinds)('queues messages and delivers them, with %s', { timeout: 300_000 }, async (kind) => {
    const command = await commandOf(runtime, folder);

    const printed = await runWithQueue([...command, 'out/app.js'], kind);

    expect(JSON.parse(printed)).toEqual({ ...happened, engine: versionOf(runtime) });
  });
});

describe('a bundle', () => {
  it.each(Object.entries(bundlers))('of %s queues messages and delivers them', async (_, bundle) => {
    const file = await bundle(join(hosts['ES modules'].folder, 'out/app.js'));

    const printed = await runWithQueue([process.execPath, file], 'ES modules');

    expect(JSON.parse(printed)).toMatchObject(happened);
  });
});

/** How Jest tests the host; it loads ES modules through what Node calls experimental. */
const jestKinds = {
  CommonJS: { node: [], load: `const { report } = require('./out/app.js');` },
  'ES modules': { node: ['--experimental-vm-modules'], load: `import { report } from './out/app.js';` },
};

describe('Jest', () => {
  it.each(kinds)('tests a host with %s', async (kind) => {
    const { node, load } = jestKinds[kind];
    const expected = `expect(await report).toMatchObject(${JSON.stringify(happened)})`;
    await writeFile(
      join(hosts[kind].folder, 'app.test.js'),
      `${load}\ntest('app', async () => ${expected});`,
    );
    const jest = join(import.meta.dirname, '../../node_modules/jest/bin/jest.js');
    const options = ['--rootDir=.', '--transform={}', '--testEnvironment=node', '--silent', '--json'];

    const printed = await runWithQueue([process.execPath, ...node, jest, ...options], kind);

    expect(JSON.parse(printed)).toMatchObject({ numPassedTests: 1, success: true });
  });
});

describe.each(['browser', 'edge-light', 'workerd'])('a bundle under the condition %s', (condition) => {
  it.each([
    ['client', 'client'],
    ['client/presets', 'client'],
    ['lambda', 'lambda'],
    ['lambda/worker', 'lambda'],
    ['adapters/dynamodb', 'adapters'],
    ['adapters/prisma', 'adapters'],
  ])('says at the import of %s where it runs', async (specifier, name) => {
    const code = `import * as all from '@huntaze/rate-limiter-${specifier}'; globalThis.all = all;`;

    const bundle = await bundleFor(condition, code, folder);

    const expected = `@huntaze/rate-limiter-${name}: expected Node, Bun or Deno, found a bundle for browsers or an edge runtime`;
    expect(() => void runInNewContext(bundle)).toThrow(expected);
  });

  it('has what both sides speak: errors, guards and types', async () => {
    const code = `import { PayloadError, isPayloadError, priorities } from '@huntaze/rate-limiter-client/contract';
      globalThis.found = [isPayloadError(new PayloadError([])), priorities];`;
    const context: { found?: unknown } = {};

    runInNewContext(await bundleFor(condition, code, folder), context);

    expect(context.found).toEqual([true, ['high', 'medium', 'low']]);
  });
});

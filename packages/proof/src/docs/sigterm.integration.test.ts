import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { startRedis, startSqs, until } from '@huntaze/testkit';
import { afterAll, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const stack = new AsyncDisposableStack();
afterAll(() => stack.disposeAsync());

const [redis, sqs] = await Promise.all([startRedis(), startSqs()]);
stack.defer(() => redis.stop());
stack.defer(() => sqs.stop());
const { queueUrl, deadLetterQueueUrl } = await sqs.createQueue({ name: 'sigterm', visibilitySeconds: 30 });
const folder = await mkdtemp(join(root, 'packages/proof/.sigterm-'));
stack.defer(() => rm(folder, { recursive: true }));

/** What the example gets: a handler that has used its connection, so that it is open. */
const program = `
import { createHandler, perMinute, redisLimiter } from '@huntaze/rate-limiter-lambda';
import { Redis } from 'ioredis';
import { run } from './example.ts';

const redis = new Redis(process.env.REDIS_URL!);
const limiter = redisLimiter({ redis, upstream: 'example' });
await limiter.inspect('account-1');
const deliver = async () => {};
run(
  createHandler({ deliver, limiter, limits: perMinute(10), deadLetterQueueUrl: process.env.DEAD! }),
  redis,
);
console.log('ready');
`;

it('the documented SIGTERM handling ends the process', async () => {
  const text = await readFile(join(root, 'docs/handler.md'), 'utf8');
  const examples = [...text.matchAll(/```ts\n(.*?)```/gs)].map(([, code = '']) => code);
  const [example = '', ...others] = examples.filter((code) => code.includes('SIGTERM'));
  expect(others).toEqual([]);
  await writeFile(join(folder, 'example.ts'), example);
  await writeFile(join(folder, 'program.ts'), program);
  const source = join(root, 'packages/proof/src/sim/source.ts');
  const child = spawn(
    process.execPath,
    ['--conditions=@huntaze/source', '--import', source, join(folder, 'program.ts')],
    {
      env: {
        ...process.env,
        REDIS_URL: redis.url,
        QUEUE_URL: queueUrl,
        DEAD: deadLetterQueueUrl,
        AWS_REGION: sqs.region,
        AWS_ACCESS_KEY_ID: 'test',
        AWS_SECRET_ACCESS_KEY: 'test',
        AWS_ENDPOINT_URL_SQS: sqs.endpoint,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  try {
    const lines: string[] = [];
    for (const output of [child.stdout, child.stderr])
      createInterface(output).on('line', (line) => lines.push(line));
    const exited = once(child, 'exit');
    await until('a worker that runs', () => lines.includes('ready') || child.exitCode !== null);
    child.kill('SIGTERM');
    expect({ exited: await exited, lines }).toMatchObject({
      exited: [0, null],
      lines: ['ready', ...lines.slice(1)],
    });
  } finally {
    child.kill('SIGKILL');
  }
});

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import {
  dynamoService,
  freePort,
  startRedis,
  startSqs,
  startTcpProxy,
  startUpstream,
  until,
  type SqsServer,
  type TcpProxy,
  type Upstream,
} from '@huntaze/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const example = fileURLToPath(new URL('..', import.meta.url));
const stops: (() => Promise<unknown>)[] = [];
let sqs: SqsServer;
let proxy: TcpProxy;
let upstream: Upstream;
let variables: Record<string, string>;
let service: ChildProcess | undefined;
const log: string[] = [];

beforeAll(async () => {
  const [server, redis, dynamo, port, api] = await Promise.all([
    startSqs(),
    startRedis(),
    dynamoService({}),
    freePort(),
    startUpstream({ limit: 10, windowMs: 1_000, latencyMs: 200 }),
  ]);
  [sqs, upstream] = [server, api];
  proxy = await startTcpProxy(Number(new URL(sqs.endpoint).port));
  const queue = await sqs.createQueue({ name: 'messages', visibilitySeconds: 30, maxReceiveCount: 1_000 });
  const through = (url: string) => `http://127.0.0.1:${proxy.port}${new URL(url).pathname}`;
  stops.push(
    () => upstream.stop(),
    () => dynamo.stop(),
    () => redis.stop(),
    () => proxy.stop(),
    () => sqs.stop(),
  );
  variables = {
    SQS_RATE_LIMITER_QUEUE: through(queue.queueUrl),
    SQS_RATE_LIMITER_DLQ: through(queue.deadLetterQueueUrl),
    AWS_REGION: sqs.region,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL_DYNAMODB: dynamo.endpoint,
    REDIS_URL: redis.url,
    FALLBACK_TABLE: 'rate-limiter-fallback',
    UPSTREAM_URL: upstream.url,
    API_TOKEN: 'choose-one',
    PORT: String(port),
    RATE_WINDOW_SECONDS: '1',
  };
});
afterAll(async () => {
  service?.kill('SIGKILL');
  for (const stop of stops) await stop();
});

/** Runs a command of the README with the services of this test. @throws {Error} with its output when it fails. */
async function run(command: string): Promise<string> {
  const child = start(command);
  const code = once(child, 'exit');
  const [output, complaints] = await Promise.all([text(child.stdout!), text(child.stderr!)]);
  if ((await code)[0] !== 0)
    throw new Error(`expected "${command}" to succeed, found:\n${output}${complaints}`);
  return output;
}

/** As pnpm runs them. Without pnpm in between, a signal reaches the service itself. */
const { scripts } = JSON.parse(await readFile(`${example}package.json`, 'utf8')) as {
  scripts: Readonly<Record<string, string>>;
};

function start(command: string): ChildProcess {
  const here = command
    .replace(/^npx pnpm@12 ([\w-]+)$/, (_, name: string) => `exec ${scripts[name]}`)
    .replaceAll('127.0.0.1:3000', `127.0.0.1:${variables['PORT']}`);
  return spawn('sh', ['-e', '-c', here], {
    cwd: example,
    env: { ...process.env, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

const deliveredTo = (key: string) =>
  upstream.ledger.calls.filter((call) => call.key === key && call.accepted);
const send = (key: string, count = 1) =>
  Promise.all(
    Array.from({ length: count }, async () => {
      const response = await fetch(`http://127.0.0.1:${variables['PORT']}/messages`, {
        method: 'POST',
        headers: { authorization: 'Bearer choose-one', 'content-type': 'application/json' },
        body: JSON.stringify({ key, payload: { recipientId: 'fan-1', content: 'Hello!' } }),
      });
      return (await response.json()) as { outcome: string };
    }),
  );

/** What each command of the README must show, in the README's order. */
const expectations: Readonly<Record<string, (command: string) => Promise<void>>> = {
  'npx pnpm@12 create-table': async (command) => {
    expect(await run(command)).toBe('rate-limiter-fallback is there\n');
    expect(await run(command)).toBe('rate-limiter-fallback is there\n');
  },
  'npx pnpm@12 start': async (command) => {
    service = start(command);
    createInterface(service.stdout!).on('line', (line) => log.push(line));
    createInterface(service.stderr!).on('line', (line) => log.push(line));
    await until('a service that listens', () => log.some((line) => line.includes('listening')));
    expect(service.exitCode).toBeNull();
  },
  '/messages': async (command) => {
    const { outcome } = JSON.parse(await run(command)) as { outcome: string };
    // On a busy machine SQS takes longer than the client waits for it: then the message is delivered through the store.
    expect(['queued', 'stored']).toContain(outcome);
    await until('a delivery', () => deliveredTo('my-account').length === 1);
  },
  '/status': async (command) => {
    expect(JSON.parse(await run(command))).toMatchObject({ deadLetters: { waiting: 0 }, breaker: 'closed' });
  },
  '/health': async (command) => {
    expect(await run(command)).toBe('ok');
  },
};

const readme = await readFile(`${example}README.md`, 'utf8');
const lines = [...readme.matchAll(/^```sh\n(.*?)^```/gms)].flatMap(([, block = '']) =>
  block.trim().split('\n'),
);
const commands = lines.filter((line) => !line.startsWith('export '));
const nameOf = (command: string) => /3000(\/\w+)$/.exec(command)?.[1] ?? command;

describe('the README', () => {
  it('names every variable that the service needs, and no command that is not run here', () => {
    const exported = lines.flatMap((line) => /^export (\w+)=/.exec(line)?.[1] ?? []);
    expect(Object.keys(variables)).toEqual(expect.arrayContaining(exported));
    expect(exported).toHaveLength(7);
    expect(commands.map(nameOf)).toEqual(Object.keys(expectations));
  });

  it.each(commands)('%s', async (command) => {
    expect.hasAssertions();
    await expectations[nameOf(command)]?.(command);
  });
});

describe('the service', () => {
  it('knows nobody without the token', async () => {
    for (const path of ['/messages', '/status']) {
      const method = path === '/messages' ? 'POST' : 'GET';
      const response = await fetch(`http://127.0.0.1:${variables['PORT']}${path}`, { method });
      expect(response.status).toBe(401);
    }
  });

  it('keeps messages in DynamoDB while SQS is out of reach, and replays them by itself', async () => {
    proxy.retarget(await freePort());
    const answers = await send('patient', 2);
    expect(answers.map(({ outcome }) => outcome)).toEqual(['stored', 'stored']);

    proxy.retarget(Number(new URL(sqs.endpoint).port));
    await until('both to be delivered', () => deliveredTo('patient').length === 2);
    expect(upstream.ledger.duplicates()).toEqual([]);
  });

  it('finishes what is in hand when it is told to stop, and exits', async () => {
    await send('in-hand', 3);
    await until('calls under way', () => upstream.ledger.calls.some(({ key }) => key === 'in-hand'));
    const exited = once(service!, 'exit');
    service!.kill('SIGTERM');

    expect(await exited).toEqual([0, null]);
    expect(log.at(-1)).toContain('stopped');
    // What SQS holds of others are twins of what went through the store.
    const waiting = (await waitingIn()).filter(
      ({ body }) => (JSON.parse(body) as { key: string }).key === 'in-hand',
    );
    const delivered = deliveredTo('in-hand');
    expect(delivered.length + waiting.length).toBe(3);
    expect(upstream.ledger.duplicates()).toEqual([]);
  });
});

/** What is left in the queue. */
const waitingIn = () => sqs.readAll(variables['SQS_RATE_LIMITER_QUEUE'] ?? '');

describe('a service that is not configured', () => {
  it('says everything that is missing and does not start', async () => {
    variables = { AWS_REGION: 'us-east-1' };
    await expect(run('node src/main.ts')).rejects.toThrow(
      /REDIS_URL.*FALLBACK_TABLE.*UPSTREAM_URL.*API_TOKEN.*SQS_RATE_LIMITER_QUEUE/s,
    );
  });
});

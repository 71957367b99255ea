import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { access, readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { freePort, startSqs, until, type SqsServer } from '@huntaze/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { offline } from './app.fixture.ts';
import { postgresForApp, type AppPostgres } from './postgres.fixture.ts';
import { signInOverHttp } from './session.fixture.ts';

const example = fileURLToPath(new URL('..', import.meta.url));
const readme = await readFile(`${example}README.md`, 'utf8');
const { scripts } = JSON.parse(await readFile(`${example}package.json`, 'utf8')) as {
  scripts: Readonly<Record<string, string>>;
};
let sqs: SqsServer;
let postgres: AppPostgres;
let variables: Record<string, string>;
const started: ChildProcess[] = [];

beforeAll(async () => {
  [sqs, postgres] = await Promise.all([startSqs(), postgresForApp()]);
  const queue = await sqs.createQueue({ name: 'messages', visibilitySeconds: 30 });
  variables = {
    SQS_RATE_LIMITER_QUEUE: queue.queueUrl,
    SQS_RATE_LIMITER_DLQ: queue.deadLetterQueueUrl,
    AWS_REGION: sqs.region,
    REDIS_URL: '',
    DATABASE_URL: postgres.url,
    NEXTAUTH_URL: 'http://127.0.0.1',
    NEXTAUTH_SECRET: 'choose-one',
    DEMO_PASSWORD: 'choose-one',
    CRON_SECRET: 'choose-one',
  };
});
afterAll(async () => {
  await Promise.all(started.map(end));
  await postgres?.stop();
  await sqs?.stop();
});

let port = 0;

/** Starts a command of the README where the README is, with another port than 3000. */
function start(command: string, own: Readonly<Record<string, string>>): ChildProcess {
  const [, name] = /^npx pnpm@12 (\w+)$/.exec(command) ?? [];
  const line = name === undefined ? command.replaceAll('127.0.0.1:3000', `127.0.0.1:${port}`) : scripts[name];
  const child = spawn('sh', ['-e', '-c', line ?? ''], {
    cwd: example,
    detached: true,
    env: {
      ...offline,
      PATH: `${example}node_modules/.bin:${process.env['PATH']}`,
      HOME: process.env['HOME'],
      NODE_ENV: undefined as never,
      PORT: String(port),
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_ENDPOINT_URL_CLOUDWATCH: 'http://127.0.0.1:9',
      ...own,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  return child;
}

/** Ends what a command started, its own children included. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const exited = once(child, 'exit');
  process.kill(-child.pid, 'SIGKILL');
  await exited;
}

/** @throws {Error} with its output when the command fails. */
async function run(command: string): Promise<string> {
  const child = start(command, variables);
  const code = once(child, 'exit');
  const [output, complaints] = await Promise.all([text(child.stdout!), text(child.stderr!)]);
  if ((await code)[0] !== 0)
    throw new Error(`expected "${command}" to succeed, found:\n${output}${complaints}`);
  return output;
}

const urlOf = () => `http://127.0.0.1:${port}`;
const answering = () =>
  until('an app that answers', async () => (await fetch(`${urlOf()}/sign-in`)).ok, { timeoutMs: 40_000 });

/** What each command of the README must show, in the README's order. */
const expectations: Readonly<Record<string, (command: string) => Promise<void>>> = {
  'npx pnpm@12 dev': async (command) => {
    port = await freePort();
    const dev = start(command, {});
    await answering();
    const { cookie } = await signInOverHttp(urlOf(), 'anybody', 'demo');
    const sent = await fetch(`${urlOf()}/api/onlyfans/messages/send`, {
      method: 'POST',
      headers: { cookie, 'content-type': 'application/json' },
      body: JSON.stringify({ payload: { recipientId: 'fan-1', content: 'Hello!' } }),
    });
    expect(sent.status).toBe(202);
    const { messageId } = (await sent.json()) as { messageId: string };
    const isDelivered = async () => {
      const url = `${urlOf()}/api/onlyfans/messages/status?messageId=${messageId}`;
      const { messages } = (await (await fetch(url, { headers: { cookie } })).json()) as {
        messages: Record<string, { state: string }>;
      };
      return messages[messageId]?.state === 'delivered';
    };
    await until('the message to be delivered', isDelivered, { timeoutMs: 20_000 });
    await end(dev);
  },
  'npx pnpm@12 migrate': async (command) => {
    expect(await run(command)).toContain('the table OnlyFansMessage is there');
    expect(await run(command)).toContain('the table OnlyFansMessage is there');
  },
  // Run by build.ts, once for all files.
  'npx pnpm@12 build': async () => {
    await expect(access(`${example}.next/BUILD_ID`)).resolves.toBeUndefined();
  },
  'npx pnpm@12 start': async (command) => {
    port = await freePort();
    variables = { ...variables, NEXTAUTH_URL: urlOf() };
    start(command, variables);
    await answering();
    await expect(signInOverHttp(urlOf(), 'anybody', 'demo')).rejects.toThrow('expected a session');
    expect((await signInOverHttp(urlOf(), 'anybody', 'choose-one')).cookie).not.toBe('');
  },
  'curl --fail-with-body -H "Authorization: Bearer $CRON_SECRET" http://127.0.0.1:3000/api/onlyfans/messages/replay':
    async (command) => {
      expect(JSON.parse(await run(command))).toMatchObject({ replayed: 0, remaining: 0, ended: 'drained' });
    },
};

const lines = [...readme.matchAll(/^```sh\n(.*?)^```/gms)].flatMap(([, block = '']) =>
  block.trim().split('\n'),
);
const commands = lines.filter((line) => !line.startsWith('export '));

describe('the README', () => {
  it('names every variable, and no command that is not run here', () => {
    expect(lines.flatMap((line) => /^export (\w+)=/.exec(line)?.[1] ?? [])).toEqual(Object.keys(variables));
    expect(commands).toEqual(Object.keys(expectations));
  });

  it.each(commands)('%s', async (command) => {
    expect.hasAssertions();
    await expectations[command]?.(command);
  });

  it('has the model that the fallback store needs in its schema', async () => {
    const adapters = new URL(
      '../../../packages/adapters/migrations/postgresql/schema.prisma',
      import.meta.url,
    );
    const schema = await readFile(`${example}prisma/schema.prisma`, 'utf8');
    expect(schema).toContain(await readFile(adapters, 'utf8'));
  });
});

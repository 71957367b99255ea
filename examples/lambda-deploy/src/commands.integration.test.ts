import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { createWorker } from '@huntaze/rate-limiter-lambda/worker';
import { startSqs, type SqsServer, type TestQueue } from '@huntaze/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const example = fileURLToPath(new URL('..', import.meta.url));

let folder: string;
let sqs: SqsServer;
let queue: TestQueue;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'huntaze-commands-'));
  sqs = await startSqs();
  queue = await sqs.createQueue({ name: 'messages', visibilitySeconds: 30 });
  await standIn('terraform', `echo "terraform $*" >> "${folder}/calls"; cat "${folder}/output.json"`);
  await standIn(
    'aws',
    `case "$2" in
       get-branch) echo '{"branch":{"environmentVariables":{"OTHER":"kept","SQS_RATE_LIMITER_DLQ":"old"}}}' ;;
       invoke) echo "$8" > "${folder}/payload.json" ;;
       update-branch) cp "\${4#file://}" "${folder}/branch.json" ;;
     esac`,
  );
  const environment = {
    SQS_RATE_LIMITER_QUEUE: queue.queueUrl,
    SQS_RATE_LIMITER_DLQ: queue.deadLetterQueueUrl,
  };
  await writeFile(join(folder, 'output.json'), JSON.stringify(environment));
});
afterAll(async () => {
  await sqs.stop();
  await rm(folder, { recursive: true });
  await Promise.all(
    ['client.json', '.env.production'].map((name) => rm(join(example, name), { force: true })),
  );
});

/** A program of this name, for commands that need an account. */
async function standIn(name: string, script: string): Promise<void> {
  await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`);
  await chmod(join(folder, name), 0o755);
}

/** Runs a command of the README where the README is. @throws {Error} with its output when it fails. */
async function run(command: string): Promise<string> {
  const child = spawn('sh', ['-e', '-c', command.replace(/^npx pnpm@12 /, 'pnpm ')], {
    cwd: example,
    env: {
      ...process.env,
      PATH: `${folder}${delimiter}${process.env['PATH']}`,
      AWS_REGION: sqs.region,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const code = new Promise((done) => child.once('exit', done));
  const [output, complaints] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if ((await code) !== 0) throw new Error(`expected "${command}" to succeed, found:\n${output}${complaints}`);
  return output;
}

/** Consumes the queue and says of each message whether it is done. */
async function consuming<Result>(work: () => Promise<Result>): Promise<Result> {
  const worker = createWorker({
    queueUrl: queue.queueUrl,
    sqs: sqs.client,
    handler: async () => ({ batchItemFailures: [] }),
    concurrency: 1,
    pollWaitMs: 1_000,
  });
  worker.start();
  try {
    return await work();
  } finally {
    await worker.stop();
  }
}

/** What each command of the README must show, in the README's order. */
const expectations: Readonly<Record<string, (command: string) => Promise<void>>> = {
  'npx pnpm@12 build': async (command) => {
    expect(await run(command)).toMatch(/dist\/function\.zip: \d+ kB/);
  },
  'terraform -chdir=terraform init': async (command) => {
    await run(command);
    expect(await readFile(join(folder, 'calls'), 'utf8')).toBe('terraform -chdir=terraform init\n');
  },
  'terraform -chdir=terraform apply': async (command) => {
    await run(command);
    expect(await readFile(join(folder, 'calls'), 'utf8')).toContain('terraform -chdir=terraform apply\n');
  },
  'terraform -chdir=terraform output -json client_environment > client.json': async (command) => {
    await run(command);
    const file = await readFile(join(example, 'client.json'), 'utf8');
    expect(JSON.parse(file)).toMatchObject({ SQS_RATE_LIMITER_QUEUE: queue.queueUrl });
  },
  'npx pnpm@12 set-env --from client.json --dotenv .env.production --dry-run': async (command) => {
    await writeFile(join(example, '.env.production'), '# ours\nOTHER=kept\nSQS_RATE_LIMITER_DLQ=old');
    expect(await run(command)).toContain(
      'Would set in .env.production:\n  + SQS_RATE_LIMITER_QUEUE\n  ~ SQS_RATE_LIMITER_DLQ\n',
    );
    expect(await readFile(join(example, '.env.production'), 'utf8')).toContain('SQS_RATE_LIMITER_DLQ=old');
  },
  'npx pnpm@12 set-env --from client.json --dotenv .env.production': async (command) => {
    await run(command);
    expect(await readFile(join(example, '.env.production'), 'utf8')).toBe(
      [
        '# ours',
        'OTHER=kept',
        `SQS_RATE_LIMITER_QUEUE=${queue.queueUrl}`,
        `SQS_RATE_LIMITER_DLQ=${queue.deadLetterQueueUrl}`,
        '',
      ].join('\n'),
    );
  },
  'npx pnpm@12 set-env --from client.json --amplify d1a2b3c4d5 --branch main --set RATE_LIMITER_ROLLOUT_PERCENT=0 --dry-run':
    async (command) => {
      expect(await run(command)).toContain('~ SQS_RATE_LIMITER_DLQ\n  + RATE_LIMITER_ROLLOUT_PERCENT\n');
      await expect(readFile(join(folder, 'branch.json'))).rejects.toThrow('ENOENT');
    },
  'npx pnpm@12 set-env --from client.json --amplify d1a2b3c4d5 --branch main --set RATE_LIMITER_ROLLOUT_PERCENT=0':
    async (command) => {
      await run(command);
      expect(JSON.parse(await readFile(join(folder, 'branch.json'), 'utf8'))).toEqual({
        appId: 'd1a2b3c4d5',
        branchName: 'main',
        environmentVariables: {
          OTHER: 'kept',
          SQS_RATE_LIMITER_QUEUE: queue.queueUrl,
          SQS_RATE_LIMITER_DLQ: queue.deadLetterQueueUrl,
          RATE_LIMITER_ROLLOUT_PERCENT: '0',
        },
      });
    },
  'npx pnpm@12 smoke --from client.json --key my-account --recipient my-test-account': async (command) => {
    const output = await consuming(() => run(`${command} --settle 1`));
    expect(output).toMatch(/^passed: left the queue within \d+ s$/m);
  },
  // What it answers: bundle.integration.test.ts.
  [`aws lambda invoke --function-name rate-limiter-operator --cli-binary-format raw-in-base64-out --payload '{"action":"inspect","account":"my-account"}' /dev/stdout`]:
    async (command) => {
      await run(command);
      const payload = await readFile(join(folder, 'payload.json'), 'utf8');
      expect(JSON.parse(payload)).toEqual({ action: 'inspect', account: 'my-account' });
    },
};

const readme = await readFile(join(example, 'README.md'), 'utf8');
const commands = [...readme.matchAll(/^```sh\n(.*?)^```/gms)].flatMap(([, block = '']) =>
  block.trim().split('\n'),
);

describe('the README', () => {
  it('names no command that is not run here', () => {
    expect(commands).toEqual(Object.keys(expectations));
  });

  it.each(commands)('%s', async (command) => {
    expect.hasAssertions();
    await expectations[command]?.(command);
  });
});

describe('variables of an Amplify app', () => {
  it('never begin with AWS, which Amplify would refuse together with all others', async () => {
    const command = 'npx pnpm@12 set-env --amplify d1a2b3c4d5 --branch main --set AWS_REGION=eu-west-1';
    await expect(run(command)).rejects.toThrow('AWS_REGION: expected names that do not begin with AWS');
  });
});

describe('the smoke test', () => {
  it('fails when the message stays in the queue', async () => {
    await writeFile(join(example, 'client.json'), await readFile(join(folder, 'output.json')));
    const smoke = run('npx pnpm@12 smoke --from client.json --key a --recipient b --settle 1 --timeout 3');
    await expect(smoke).rejects.toThrow(/FAILED: still in the queue after \d+ s/);
  });
});

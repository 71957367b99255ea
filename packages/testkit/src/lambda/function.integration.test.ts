import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Context, SQSEvent } from 'aws-lambda';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { until } from '../until.ts';
import { lambdaFunction, type LambdaFunction, type LambdaFunctionOptions } from './function.ts';

const event: SQSEvent = { Records: [] };
const context = {
  awsRequestId: 'r-1',
  functionName: 'testkit',
  functionVersion: '$LATEST',
  invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:testkit',
  memoryLimitInMB: '256',
} as Context;

let folder: string;
let running: LambdaFunction | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'testkit-lambda-'));
});
afterEach(() => running?.stop());
afterAll(() => rm(folder, { recursive: true }));

/** Runs `body` as the code of a function. */
async function deploy(body: string, options: Partial<LambdaFunctionOptions> = {}): Promise<LambdaFunction> {
  const file = join(folder, `${Math.random().toString(36).slice(2)}.mjs`);
  await writeFile(file, body);
  running = lambdaFunction({ file, variables: {}, timeoutMs: 5_000, ...options });
  return running;
}

const countCalls = `let calls = 0; export const handler = async () => ({ pid: process.pid, calls: ++calls });`;

it('starts a process for the first invocation and keeps it for the next', async () => {
  const { handler } = await deploy(countCalls);

  const [first, second] = [await handler(event, context), await handler(event, context)];

  expect(second).toEqual({ ...(first as object), calls: 2 });
  expect(running).toMatchObject({ coldStarts: 1 });
});

it('runs invocations at the same time in processes of their own', async () => {
  const { handler } = await deploy(countCalls);

  const answers = await Promise.all([handler(event, context), handler(event, context)]);

  expect(new Set(answers.map((answer) => (answer as { pid: number }).pid)).size).toBe(2);
  expect(answers).toMatchObject([{ calls: 1 }, { calls: 1 }]);
});

it('shows the function its own variables and none of this process', async () => {
  const { handler } = await deploy(`export const handler = async () => Object.keys(process.env);`, {
    variables: { OWN: '1' },
  });

  const names = await handler(event, context);

  expect(names).toEqual(expect.arrayContaining(['OWN', 'AWS_REGION', 'AWS_LAMBDA_FUNCTION_NAME']));
  expect(names).not.toContain('PATH');
});

it('kills a process that takes too long, and starts another for the next invocation', async () => {
  const { handler } = await deploy(
    `export const handler = (event, context) => (console.log(context.getRemainingTimeInMillis()), new Promise(() => {}));`,
    { timeoutMs: 1_000 },
  );

  await expect(handler(event, context)).rejects.toThrow('Task timed out after 1.00 seconds');
  await expect(handler(event, context)).rejects.toThrow('Task timed out');

  expect(running).toMatchObject({ coldStarts: 2 });
  const remaining = running?.log.map(Number) ?? [];
  expect(remaining).toHaveLength(2);
  expect(Math.max(...remaining)).toBeLessThanOrEqual(1_000);
  expect(Math.min(...remaining)).toBeGreaterThan(0);
});

it('freezes a process between invocations', async () => {
  const { handler } = await deploy(countCalls);
  const { pid } = (await handler(event, context)) as { pid: number };

  await until('a process that is stopped', async () => {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'state=', '-p', String(pid)]);
    return stdout.trim().startsWith('T');
  });

  expect(await handler(event, context)).toEqual({ pid, calls: 2 });
});

it('passes on what the function throws', async () => {
  const { handler } = await deploy(`export const handler = async () => { throw new TypeError('no'); };`);

  await expect(handler(event, context)).rejects.toMatchObject({ name: 'TypeError', message: 'no' });
});

it('fails an invocation whose process ends', async () => {
  const { handler } = await deploy(`export const handler = async () => process.exit(3);`);

  await expect(handler(event, context)).rejects.toThrow('Runtime.ExitError');
});

it('fails an invocation whose code does not load, and tells why in the log', async () => {
  const { handler } = await deploy(`throw new Error('no settings');`);

  await expect(handler(event, context)).rejects.toThrow('Runtime.ExitError');

  expect(running?.log.join('\n')).toContain('no settings');
});

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { sharedService } from '@huntaze/testkit';
import { expect, it } from 'vitest';

const main = fileURLToPath(new URL('main.ts', import.meta.url));

/** Runs the program as a person does, on the build: `pnpm test` makes it first. */
const quickstart = (env: NodeJS.ProcessEnv) =>
  promisify(execFile)(process.execPath, [main], { env: { ...process.env, REDIS_URL: '', ...env } });

it.concurrent.each([
  ['in memory', async () => ({})],
  ['in Redis', async () => ({ REDIS_URL: await sharedService('redis') })],
])('sends fifteen messages within the limit, counted %s', async (where, env) => {
  const { stdout } = await quickstart(await env());
  expect(stdout).toContain(`(limiter ${where})`);
  expect(stdout).toMatch(
    /15 delivered · at most 10 in any 10 s · [12]\.\d receives per message · 0 dead letters/,
  );
  expect(stdout).not.toContain('\r');
});

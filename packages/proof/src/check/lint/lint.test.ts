import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLintedFolder, type LintedFolder } from './lint.fixture.ts';

/** Code in its place, and the rules it breaks. */
type Case = readonly [path: string, code: string, ...rules: string[]];

const imports = 'eslint(no-restricted-imports)';
const globals = 'eslint(no-restricted-globals)';
const properties = 'eslint(no-restricted-properties)';
const currentDate = 'huntaze(no-current-date)';

const packageWalls: readonly Case[] = [
  ['client/src/a.ts', `export * from '@huntaze/rate-limiter-lambda';`, imports],
  ['client/src/a.ts', `export * from '@huntaze/rate-limiter-adapters/prisma';`, imports],
  ['client/src/a.ts', `export * from '@huntaze/testkit';`, imports],
  ['client/src/http/a.ts', `export * from '@huntaze/testkit';`, imports],
  ['client/src/send/a.ts', `export * from '@huntaze/testkit';`, imports],
  ['client/src/contract/a.ts', `export * from '@huntaze/rate-limiter-lambda';`, imports],
  ['client/src/a.test.ts', `export * from '@huntaze/testkit';`],
  ['lambda/src/a.ts', `export * from '@huntaze/testkit';`, imports],
  ['lambda/src/a.ts', `export * from '@huntaze/proof';`, imports],
  ['lambda/src/a.ts', `export * from '@huntaze/rate-limiter-client';`, imports],
  ['lambda/src/a.ts', `export * from '@huntaze/rate-limiter-client/contract';`],
  ['lambda/src/a.ts', `export * from '@huntaze/rate-limiter-client/emf';`],
  ['lambda/src/a.ts', `export * from '@huntaze/rate-limiter-client/cloudwatch';`, imports],
  ['adapters/src/prisma/a.ts', `export * from '@huntaze/rate-limiter-client/emf';`, imports],
  ['lambda/src/a.ts', `export * from '../../client/src/contract/index.ts';`, imports],
  ['adapters/src/prisma/a.ts', `export * from '@huntaze/rate-limiter-lambda';`, imports],
  ['adapters/src/prisma/a.ts', `export * from '@huntaze/rate-limiter-lambda/stored';`, imports],
  ['adapters/src/prisma/limiter/a.ts', `export * from '@huntaze/rate-limiter-lambda/stored';`],
  ['adapters/src/prisma/limiter/a.ts', `export * from '@huntaze/rate-limiter-lambda';`, imports],
  ['adapters/src/prisma/limiter/a.ts', `export * from '../../dynamodb/a.ts';`, imports],
  ['adapters/src/prisma/a.ts', `export * from '@huntaze/rate-limiter-client/contract';`],
  ['adapters/src/dynamodb/a.ts', `export * from '@huntaze/rate-limiter-lambda/stored';`, imports],
  ['adapters/src/dynamodb/limiter/a.ts', `export * from '@huntaze/rate-limiter-lambda/stored';`],
  ['adapters/src/dynamodb/limiter/a.ts', `export * from '@huntaze/rate-limiter-lambda';`, imports],
  ['adapters/src/dynamodb/limiter/a.ts', `export * from '@huntaze/rate-limiter-lambda/worker';`, imports],
  ['adapters/src/dynamodb/limiter/a.ts', `export * from '../../prisma/rows/asking.ts';`, imports],
  ['client/src/http/a.ts', `export * from '@huntaze/kit';`],
  ['client/src/contract/a.ts', `export * from '@huntaze/kit/checks';`],
  ['lambda/src/a.ts', `export * from '@huntaze/kit';\nexport * from '@huntaze/kit/checks';`],
  ['adapters/src/prisma/a.ts', `export * from '@huntaze/kit';`],
  ['lambda/src/a.ts', `export * from '../../kit/src/errors.ts';`, imports],
  ['kit/src/a.ts', `export * from '@huntaze/rate-limiter-client/contract';`, imports],
  ['kit/src/checks/a.ts', `export * from '@huntaze/testkit';`, imports],
  ['kit/src/checks/a.ts', `export * from '../describe-type.ts';`],
  ['kit/src/a.ts', `export const a = Date.now();`, properties],
];

const featureWalls: readonly Case[] = [
  ['client/src/http/a.ts', `export * from '../queue/packing.ts';`, imports],
  ['client/src/http/a.ts', `export type { Packing } from '../queue/packing.ts';`, imports],
  ['client/src/http/a.ts', `export * from '../client.ts';`, imports],
  ['client/src/http/a.ts', `export * from '../contract/index.ts';\nexport * from './b.ts';`],
  ['client/src/http/deep/a.ts', `export * from '../../queue/packing.ts';`, imports],
  ['client/src/http/deep/a.ts', `export * from '../../contract/index.ts';\nexport * from '../b.ts';`],
  ['client/src/queue/a.ts', `export * from '../send/prepare.ts';`, imports],
  ['client/src/queue/a.ts', `export * from '../fallback/senders.ts';`, imports],
  ['client/src/queue/a.ts', `export * from '../events.ts';`, imports],
  ['client/src/queue/a.ts', `export * from '../contract/clock.ts';`],
  ['client/src/send/a.ts', `export * from '../queue/packing.ts';`],
  ['client/src/send/a.ts', `export * from '../batch/source.ts';`, imports],
  ['client/src/send/a.ts', `export * from '../settings.ts';`, imports],
  ['client/src/batch/a.ts', `export * from '../queue/packing.ts';\nexport * from '../send/messages.ts';`],
  ['client/src/batch/a.ts', `export * from '../send/dispatch.ts';`, imports],
  ['client/src/batch/a.ts', `export * from '../lifecycle.ts';`, imports],
  [
    'client/src/fallback/a.ts',
    `export * from '../queue/packing.ts';\nexport * from '../queue/lifecycle.ts';`,
  ],
  ['client/src/fallback/a.ts', `export * from '../settings.ts';`, imports],
  ['client/src/fallback/a.ts', `export * from '../send/messages.ts';`, imports],
  ['client/src/fallback/a.ts', `export * from '../status.ts';`, imports],
  ['client/src/rollout/a.ts', `export * from '../queue/packing.ts';`, imports],
  ['client/src/rollout/a.ts', `export * from '../options.ts';`, imports],
  ['client/src/observe/a.ts', `export * from '../events.ts';`, imports],
  ['client/src/observe/cloudwatch/a.ts', `export * from '../../settings.ts';`, imports],
  ['client/src/presets/a.ts', `export * from '../http/problem.ts';`, imports],
  ['client/src/presets/a.ts', `export * from '../index.ts';`, imports],
  ['client/src/testing/a.ts', `export * from '../fallback/memory-store.ts';`, imports],
  ['client/src/contract/a.ts', `export * from '../options.ts';`, imports],
  ['client/src/contract/a.ts', `export * from '../queue/packing.ts';`, imports],
  ['client/src/client.ts', `export * from './queue/packing.ts';`],
  ['lambda/src/parking/a.ts', `export * from '../limiter/limiter.ts';`, imports],
  ['lambda/src/limiter/redis/a.ts', `export * from '../limits/limit.ts';\nexport * from '../limiter.ts';`],
  ['lambda/src/limiter/redis/a.ts', `export * from '../../message/read-message.ts';`, imports],
  ['lambda/src/limiter/limits/a.ts', `export * from '../usage/usage.ts';`, imports],
  ['lambda/src/limiter/usage/a.ts', `export * from '../memory/tickets.ts';`, imports],
  ['lambda/src/limiter/memory/a.ts', `export * from '../redis/keys.ts';`, imports],
  ['lambda/src/limiter/redis/a.ts', `export * from '../memory/tickets.ts';`, imports],
  ['lambda/src/limiter/redis/a.ts', `export * from '../../parking/park.ts';`, imports],
  [
    'lambda/src/limiter/local-share/a.ts',
    `export * from '../memory/tickets.ts';\nexport * from '../limiter.ts';`,
  ],
  ['lambda/src/handler-limiter/a.ts', `export * from '../batch/batch.ts';`, imports],
  ['lambda/src/message/a.ts', `export * from '../settings.ts';`, imports],
  ['lambda/src/message/a.ts', `export * from '../batch/batch.ts';`, imports],
  ['lambda/src/sqs/a.ts', `export * from '../parking/park.ts';`, imports],
  ['lambda/src/telemetry/a.ts', `export * from '../batch/batch.ts';`, imports],
  ['lambda/src/dead-letter/a.ts', `export * from '../parking/park.ts';`, imports],
  ['lambda/src/batch/a.ts', `export * from '../attempt/attempt.ts';`, imports],
  ['lambda/src/attempt/a.ts', `export * from '../batch/batch.ts';\nexport * from '../limiter/limiter.ts';`],
  ['lambda/src/attempt/a.ts', `export * from '../limiter/redis/redis-limiter.ts';`, imports],
  ['lambda/src/attempt/a.ts', `export * from '../process-batch.ts';`, imports],
  ['lambda/src/parking/a.ts', `export * from '../handler.ts';`, imports],
];

const ports: readonly Case[] = [
  ['client/src/a.ts', `export const a = Date.now();`, properties],
  ['client/src/a.ts', `export const { now } = Date;`, properties],
  ['client/src/a.ts', `export const a = new Date();`, currentDate],
  ['client/src/a.ts', `export const a = Date();`, currentDate],
  ['client/src/a.ts', `export const a = (ms: number) => new Date(ms).toISOString();`],
  ['lambda/src/a.ts', `export const a = performance.now();`, globals],
  ['lambda/src/a.ts', `setTimeout(() => {}, 1);`, globals],
  ['lambda/src/a.ts', `setInterval(() => {}, 1);`, globals],
  ['lambda/src/a.ts', `globalThis.setTimeout(() => {}, 1);`, properties],
  ['lambda/src/a.ts', `export const a = AbortSignal.timeout(1);`, properties],
  ['lambda/src/a.ts', `export const a = Math.random();`, properties],
  ['lambda/src/a.ts', `export const a = crypto.randomUUID();`, properties],
  ['lambda/src/a.ts', `export { randomUUID } from 'node:crypto';`, imports],
  ['lambda/src/a.ts', `export { createHash } from 'node:crypto';`],
  ['lambda/src/limiter/limits/a.ts', `export * from 'node:timers/promises';`, imports],
  ['adapters/src/prisma/a.ts', `export const a = Date.now();`, properties],
  ['client/src/contract/clock.ts', `export const a = Date.now() + performance.now();`],
  ['client/src/contract/ids.ts', `export { randomUUID } from 'node:crypto';`],
  ['client/src/contract/random.ts', `export const a = Math.random();`],
  ['client/src/contract/logger.ts', `export const a = Date.now();`, properties],
  ['client/src/a.test.ts', `export const a = Date.now();`],
  ['testkit/src/a.ts', `export const a = Date.now();`],
];

const sleep: readonly Case[] = [
  ['client/src/a.test.ts', `setTimeout(() => {}, 1);`, globals],
  ['client/src/a.test.ts', `export const a = (done: () => void) => setInterval(done, 1);`, globals],
  ['lambda/src/a.fixture.ts', `globalThis.setTimeout(() => {}, 1);`, properties],
  ['proof/src/a.test.ts', `export * from 'node:timers/promises';`, imports],
  ['proof/src/a.test.ts', `export const a = AbortSignal.timeout(1);`, properties],
  ['proof/src/a.test.ts', `export const a = () => new Promise(setImmediate);`],
  ['proof/src/a.integration.test.ts', `export * from 'node:timers/promises';`],
  ['testkit/src/a.test.ts', `setTimeout(() => {}, 1);`],
];

const environment: readonly Case[] = [
  ['client/src/a.ts', `export const a = process.env['A'];`, 'node(no-process-env)'],
  ['client/src/a.ts', `export * from 'node:process';`, imports],
  ['client/src/a.ts', `console.log('a');`, 'eslint(no-console)'],
  ['client/src/env.ts', `export const a = process.env['A'];`],
  ['client/src/env/a.ts', `export const a = process.env['A'];`],
];

const modules: readonly Case[] = [
  ['client/src/a.ts', `const a = 1;\nexport default a;`, 'import(no-default-export)'],
  ['client/tsup.config.ts', `const a = 1;\nexport default a;`],
  ['client/src/a.ts', `export * from './b';`, 'import(extensions)'],
  ['client/src/a.ts', `import { sep } from 'path';\nexport const a = sep;`, 'unicorn(prefer-node-protocol)'],
];

const promises: readonly Case[] = [
  [
    'testkit/src/a.ts',
    `declare function send(): Promise<void>;\nsend();`,
    'typescript(no-floating-promises)',
  ],
  [
    'testkit/src/a.ts',
    `declare function send(): Promise<void>;\n[1].forEach(async () => send());`,
    'typescript(no-misused-promises)',
  ],
  [
    'testkit/src/a.ts',
    `export const a = async (one: number) => {\n  await one;\n};`,
    'typescript(await-thenable)',
  ],
];

const groups: Readonly<Record<string, readonly Case[]>> = {
  'packages meet in the contract': packageWalls,
  'features meet in the root of src': featureWalls,
  'time, chance and ids come through ports': ports,
  'no unit test sleeps': sleep,
  'the environment is read in one place': environment,
  'modules have named exports and whole names': modules,
  'promises are awaited': promises,
};

/** Every case with a file of its own, since all are linted in one folder. */
const cases = Object.entries(groups)
  .flatMap(([promise, group]) => group.map(([place, code, ...rules]) => ({ promise, place, code, rules })))
  .map((one, index) => ({ ...one, path: `packages/${one.place.replace('/a.', `/a${index}.`)}` }));

const circle = [
  {
    path: 'packages/client/src/one.ts',
    code: `import type { B } from './two.ts';\nexport interface A {\n  b: B;\n}`,
  },
  {
    path: 'packages/client/src/two.ts',
    code: `import type { A } from './one.ts';\nexport interface B {\n  a: A;\n}`,
  },
];

let folder: LintedFolder;
beforeAll(async () => {
  folder = await openLintedFolder([...cases, ...circle]);
}, 60_000);
afterAll(() => folder.remove());

describe.each(Object.keys(groups))('the linter knows that %s', (group) => {
  it.each(cases.filter(({ promise }) => promise === group))('$place: $code → $rules', ({ path, rules }) => {
    expect(folder.broken(path)).toEqual(rules);
  });
});

it('the linter finds modules that import each other, also by type alone', () => {
  for (const { path } of circle) expect(folder.broken(path)).toEqual(['import(no-cycle)']);
});

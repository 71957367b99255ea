import { publishedFiles, testFiles, type Override } from './published.ts';

const message = 'time, chance and ids come through the Clock, Random and Ids ports: take one as an option';

/** Where the system's own time, chance and ids become ports. */
export const systemPorts = ['clock', 'ids', 'random'].map(
  (name) => `packages/client/src/contract/${name}.ts`,
);

/** Modules that hold time and chance. */
export const systemModules = [
  { name: 'node:timers', message },
  { name: 'node:timers/promises', message },
  { name: 'node:perf_hooks', message },
  { name: 'node:process', message },
  { name: 'node:crypto', importNames: ['randomUUID', 'randomBytes', 'randomInt', 'webcrypto'], message },
];

const systemGlobals = ['setTimeout', 'setInterval', 'setImmediate', 'performance'];

/** Also what `globalThis` and `crypto` give. */
const systemProperties = [
  { object: 'Date', property: 'now' },
  { object: 'Math', property: 'random' },
  { object: 'AbortSignal', property: 'timeout' },
  { object: 'process', property: 'hrtime' },
  { object: 'process', property: 'uptime' },
  ...[...systemGlobals, 'randomUUID', 'getRandomValues'].map((property) => ({ property })),
];

/** Published code takes time, chance and ids from its ports alone: that is what lets a simulation own them. */
export const ports: readonly Override[] = [
  {
    files: publishedFiles,
    // A fake clock waits for real work before it moves on.
    excludeFiles: [...testFiles, ...systemPorts, 'packages/client/src/testing/**'],
    rules: {
      'huntaze/no-current-date': 'error',
      'no-restricted-globals': ['error', ...systemGlobals.map((name) => ({ name, message }))],
      'no-restricted-properties': ['error', ...systemProperties.map((one) => ({ ...one, message }))],
    },
  },
  {
    files: publishedFiles,
    excludeFiles: testFiles,
    rules: { 'node/no-process-env': 'error', 'no-console': 'error' },
  },
  // The one place that reads the environment, for hosts that ask it to.
  { files: ['packages/*/src/env.ts', 'packages/*/src/env/**'], rules: { 'node/no-process-env': 'off' } },
];

import type { Override } from './published.ts';

const message =
  'a unit test moves a clock: take virtual time or a fake clock, or make it an integration test';

const timers = ['setTimeout', 'setInterval'];

/** No unit test sleeps (decision 52). Those of the testkit wait for services, and for its own timers. */
export const noSleep: readonly Override[] = [
  {
    files: ['**/*.test.ts', '**/*.fixture.ts'],
    excludeFiles: ['**/*.integration.test.ts', '**/e2e/**', 'packages/testkit/**'],
    rules: {
      'no-restricted-globals': ['error', ...timers.map((name) => ({ name, message }))],
      'no-restricted-properties': [
        'error',
        ...timers.map((property) => ({ property, message })),
        { object: 'AbortSignal', property: 'timeout', message },
        { object: 'Atomics', property: 'wait', message },
      ],
      'no-restricted-imports': [
        'error',
        { paths: ['node:timers', 'node:timers/promises'].map((name) => ({ name, message })) },
      ],
    },
  },
];

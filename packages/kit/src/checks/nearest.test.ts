import { expect, it } from 'vitest';
import { nearest } from './nearest.ts';

const known = [
  'queueUrl',
  'fallbackAfterMs',
  'fallbackStore',
  'timeoutMs',
  'ids',
  'retry',
  'table',
  'logger',
  'metrics',
];

it.each([
  ['fallbackAfterMS', 'fallbackAfterMs'],
  ['fallbackAfter', 'fallbackAfterMs'],
  ['timeout', 'timeoutMs'],
  ['queueURL', 'queueUrl'],
  ['queue_url', 'queueUrl'],
  ['id', 'ids'],
  ['retrys', 'retry'],
  ['retries', 'retry'],
  ['falbackStor', 'fallbackStore'],
  ['tabel', 'table'],
  ['log', 'logger'],
  ['fallback', 'fallbackStore'],
])('%s was meant as %s', (name, meant) => {
  expect(nearest(name, known)).toBe(meant);
});

it.each(['concurrency', 'lo', 'x', '', 'q'.repeat(100_000), '__proto__'])('%j was meant as none', (name) => {
  expect(nearest(name, known)).toBeUndefined();
});

import * as lambda from '@huntaze/rate-limiter-lambda';
import { describe, expect, it } from 'vitest';
import { readPage, readSources } from './tables.fixture.ts';

const page = await readPage('docs/handler.md');
const sources = await readSources('lambda');

it.each([
  [
    '## createHandler',
    () => ({ ...sources.optionsOf('HandlerOptions'), ...sources.optionsOf('Backoff', 'backoff.') }),
  ],
  ['## redisLimiter', () => sources.optionsOf('RedisLimiterOptions')],
  ['## memoryLimiter', () => sources.optionsOf('MemoryLimiterOptions')],
  ['## createWorker', () => sources.optionsOf('WorkerOptions')],
  ['### stop', () => sources.optionsOf('StopOptions')],
  ['### retryAfterFrom', () => sources.optionsOf('RetryAfterOptions')],
])('the tables under %s have every option with its default, and no other', (heading, options) => {
  expect(Object.keys(options())).not.toEqual([]);
  expect(page.rowsUnder(heading)).toEqual(options());
});

describe.each([
  ['### What deliver gets', 'DeliverContext'],
  ['## Operators', 'LimiterOperations'],
])('the table under %s', (heading, name) => {
  it('has every member and no other', () => {
    expect(new Set(Object.keys(page.rowsUnder(heading)))).toEqual(new Set(sources.membersOf(name)));
    expect(page.rowsUnder(heading)).not.toEqual({});
  });
});

it('the page names everything that the package gives', () => {
  expect(Object.keys(lambda).filter((name) => !page.text.includes(`\`${name}`))).toEqual([]);
});

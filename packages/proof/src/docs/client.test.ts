import * as client from '@huntaze/rate-limiter-client';
import { expect, it } from 'vitest';
import { readPage, readSources } from './tables.fixture.ts';

const pages = {
  'docs/client.md': await readPage('docs/client.md'),
  'docs/http.md': await readPage('docs/http.md'),
  'docs/observability.md': await readPage('docs/observability.md'),
};
const { optionsOf } = await readSources('client');

it.each<[keyof typeof pages, string, () => Record<string, string>]>([
  [
    'docs/client.md',
    '## createRateLimiterClient',
    () => ({
      ...optionsOf('ClientOptions'),
      ...optionsOf('RetryOptions', 'retry.'),
      ...optionsOf('CircuitOptions', 'breaker.'),
      ...optionsOf('CoalesceOptions', 'coalesce.'),
    }),
  ],
  ['docs/client.md', '## A message', () => optionsOf('NewMessage')],
  ['docs/client.md', '### replay', () => optionsOf('ReplayOptions')],
  ['docs/client.md', '### startReplay', () => optionsOf('ReplayLoopOptions')],
  ['docs/client.md', '### memoryFallbackStore', () => optionsOf('MemoryFallbackStoreOptions')],
  ['docs/http.md', '### sendRoute', () => optionsOf('SendRouteOptions')],
  ['docs/http.md', '### statusRoute', () => optionsOf('StatusRouteOptions')],
  ['docs/http.md', '### nodeListener', () => optionsOf('NodeListenerOptions')],
  ['docs/observability.md', '### cloudWatchMetrics', () => optionsOf('CloudWatchMetricsOptions')],
  ['docs/observability.md', '### emfMetrics', () => optionsOf('EmfMetricsOptions')],
  ['docs/observability.md', '## Traces', () => optionsOf('OpenTelemetryTracerOptions')],
])('the tables of %s under %s have every option with its default, and no other', (path, heading, options) => {
  expect(Object.keys(options())).not.toEqual([]);
  expect(pages[path].rowsUnder(heading)).toEqual(options());
});

it('the page of the client names everything that the package gives', () => {
  expect(Object.keys(client).filter((name) => !pages['docs/client.md'].text.includes(`\`${name}`))).toEqual(
    [],
  );
});

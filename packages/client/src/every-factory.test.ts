import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  problemsFound,
  processOf,
  refusesWrongOptions,
  type Factory,
} from '../../kit/src/checks/wrong-options.fixture.ts';
import { QUEUE_URL } from './client.fixture.ts';
import * as contract from './contract/index.ts';
import * as env from './env.ts';
import * as http from './http/index.ts';
import * as main from './index.ts';
import * as cloudwatch from './observe/cloudwatch/index.ts';
import * as emf from './observe/emf.ts';
import * as opentelemetry from './observe/opentelemetry.ts';
import * as testing from './testing/index.ts';

const sqs = { send: async () => ({}) };
const client = () =>
  main.createRateLimiterClient({ queueUrl: QUEUE_URL, sqs, fallbackStore: main.memoryFallbackStore() });
const authenticate = () => 'caller';
const underTest = () => ({ store: main.memoryFallbackStore(), nowMs: Date.now, elapse: async () => {} });

const factories: Readonly<Record<string, Factory>> = {
  createRateLimiterClient: {
    make: main.createRateLimiterClient,
    valid: { queueUrl: QUEUE_URL, sqs },
    groups: ['retry', 'breaker', 'coalesce'],
    numbers: [
      'fallbackAfterMs',
      'retry.maxAttempts',
      'retry.initialDelayMs',
      'retry.maxDelayMs',
      'breaker.failureThreshold',
      'breaker.halfOpenAfterMs',
      'timeoutMs',
      'coalesce.maxWaitMs',
      'rolloutPercent',
      'batchConcurrency',
    ],
  },
  startReplay: {
    make: (options) => client().startReplay(options),
    valid: { everyMs: 60_000 },
    numbers: ['everyMs', 'limit'],
  },
  memoryFallbackStore: { make: main.memoryFallbackStore, valid: {}, numbers: ['maxBytes'] },
  sendRoute: {
    make: http.sendRoute,
    valid: { client: sqs, authenticate, keyOf: () => 'k' },
    numbers: ['maxBodyBytes', 'bodyTimeoutMs', 'retryAfterMs'],
  },
  statusRoute: {
    make: http.statusRoute,
    valid: { client: { status: async () => ({}) }, authenticate },
  },
  nodeListener: {
    make: (given: { route: http.Route }) => {
      const { route, ...options } = Object(given) as { route: http.Route };
      return http.nodeListener(route, options);
    },
    valid: { route: async () => new Response() },
  },
  deny: {
    make: (given: http.Denial) => {
      const { denied, ...options } = Object(given) as http.Denial;
      return http.deny(denied, options as object);
    },
    valid: { denied: 429 },
    numbers: ['retryAfterMs'],
  },
  cloudWatchMetrics: {
    make: cloudwatch.cloudWatchMetrics,
    valid: { queue: QUEUE_URL, cloudWatch: sqs },
    numbers: ['flushIntervalMs', 'timeoutMs', 'maxBufferedValues'],
  },
  emfMetrics: { make: emf.emfMetrics, valid: { queue: QUEUE_URL } },
  openTelemetryTracer: { make: opentelemetry.openTelemetryTracer, valid: {} },
  fallbackStoreContract: {
    make: testing.fallbackStoreContract,
    valid: { make: underTest },
    numbers: ['leaseMs', 'maxBodyBytes', 'volume'],
  },
};

/** An environment belongs to many, and has a test of its own for its names. */
const others = {
  optionsFromEnv: { make: env.optionsFromEnv, valid: { SQS_RATE_LIMITER_QUEUE: QUEUE_URL } },
};

/** What is exported, can be called, and has no options. */
const withoutOptions = [...Object.keys(contract), 'fakeClock', 'onlyFansMessage'];

describe.each(Object.entries(factories))('%s', (_, factory) => {
  refusesWrongOptions(factory);
});

describe.each(Object.entries({ ...factories, ...others }))('on an engine, %s', (_, factory) => {
  afterEach(() => vi.unstubAllGlobals());

  it.each([{ node: '20.19.5' }, { node: '22.12.0' }, { node: '18.0.0' }])('is not made: %j', (versions) => {
    vi.stubGlobal('process', processOf(versions));
    expect(problemsFound(factory, factory.valid)).toEqual([
      `engine: expected Node 22.13 or newer, found ${versions.node}: run this with a newer Node`,
    ]);
  });

  it.each([
    { node: '22.13.0' },
    { node: '24.0.0' },
    { node: '27.1.0' },
    { node: '20.11.1', bun: '1.1.0' },
    { node: '20.11.1', deno: '2.0.0' },
    {},
  ])('is made: %j', (versions) => {
    vi.stubGlobal('process', processOf(versions));
    expect(problemsFound(factory, factory.valid)).toEqual([]);
  });
});

describe('what is given beside options', () => {
  it.each<[string, () => unknown, readonly string[]]>([
    [
      'the status of deny',
      () => http.deny(404 as never),
      ['deny: expected 401 or 403 or 429 or 503, found 404'],
    ],
    [
      'an option of deny',
      () => http.deny(429, { retryAfter: 5 } as never),
      ['deny.retryAfter: expected an option that exists, found another option: did you mean retryAfterMs?'],
    ],
    [
      'the status among the options of deny',
      () => http.deny(429, { denied: 403 } as never),
      ['deny.denied: expected one of retryAfterMs, found another option'],
    ],
    ['no options of deny', () => http.deny(429, null as never), ['deny: expected an object, found null']],
    [
      'a route',
      () => http.nodeListener(Symbol('route') as never, { route: 1 } as never),
      ['route: expected a function, found a symbol', 'route: expected one of logger, found another option'],
    ],
  ])('is told apart from them: %s', (_, make, problems) => {
    expect(problemsFound({ make }, {})).toEqual(problems);
  });
});

it('no factory is missing here', () => {
  const exported = { ...main, ...env, ...http, ...cloudwatch, ...emf, ...opentelemetry, ...testing };
  const callable = Object.entries(exported)
    .filter(([, value]) => typeof value === 'function')
    .map(([name]) => name);
  const known = new Set([...Object.keys(factories), ...Object.keys(others), ...withoutOptions]);
  expect(callable.filter((name) => !known.has(name))).toEqual([]);
});

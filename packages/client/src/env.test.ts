import { afterEach, describe, expect, it, vi } from 'vitest';
import { createRateLimiterClient } from './client.ts';
import { DEAD_LETTER_QUEUE_URL, QUEUE_URL } from './client.fixture.ts';
import { isConfigurationError } from './contract/index.ts';
import { optionsFromEnv } from './env.ts';

const least = { SQS_RATE_LIMITER_QUEUE: QUEUE_URL };

function problemsOf(env: Readonly<Record<string, string>>): readonly string[] {
  try {
    optionsFromEnv(env);
    return [];
  } catch (error) {
    if (!isConfigurationError(error)) throw error;
    return error.problems;
  }
}

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('options from the environment', () => {
  it('have defaults for all but the queue', () => {
    expect(optionsFromEnv(least)).toEqual({
      queueUrl: QUEUE_URL,
      deadLetterQueueUrl: undefined,
      enabled: true,
      rolloutPercent: 100,
      region: undefined,
    });
  });

  it('are what the variables say', () => {
    const env = {
      SQS_RATE_LIMITER_QUEUE: ` ${QUEUE_URL}\n`,
      SQS_RATE_LIMITER_DLQ: DEAD_LETTER_QUEUE_URL,
      RATE_LIMITER_ENABLED: 'false',
      RATE_LIMITER_ROLLOUT_PERCENT: '12.5',
      AWS_REGION: 'us-gov-west-1',
    };

    expect(optionsFromEnv(env)).toEqual({
      queueUrl: QUEUE_URL,
      deadLetterQueueUrl: DEAD_LETTER_QUEUE_URL,
      enabled: false,
      rolloutPercent: 12.5,
      region: 'us-gov-west-1',
    });
  });

  it.each([
    ['cn-north-1', 'amazonaws.com.cn'],
    ['us-gov-east-1', 'amazonaws.com'],
    ['us-isob-east-1', 'sc2s.sgov.gov'],
    ['eu-isoe-west-1', 'cloud.adc-e.uk'],
    ['eusc-de-east-1', 'amazonaws.eu'],
  ])('may name any region: %s', (AWS_REGION, suffix) => {
    const SQS_RATE_LIMITER_QUEUE = `https://sqs.${AWS_REGION}.${suffix}/123456789012/messages`;

    expect(optionsFromEnv({ SQS_RATE_LIMITER_QUEUE, AWS_REGION })).toMatchObject({ region: AWS_REGION });
  });

  it('come from the process unless told otherwise', () => {
    vi.stubEnv('SQS_RATE_LIMITER_QUEUE', QUEUE_URL);
    vi.stubEnv('RATE_LIMITER_ROLLOUT_PERCENT', '10');

    expect(optionsFromEnv()).toMatchObject({ queueUrl: QUEUE_URL, rolloutPercent: 10 });
  });

  it('make a client', async () => {
    const client = createRateLimiterClient({ ...optionsFromEnv(least), sqs: { send: async () => ({}) } });

    await expect(client.close()).resolves.toBeUndefined();
  });

  it.each([
    ['true', true],
    ['TRUE', true],
    ['1', true],
    ['', true],
    ['false', false],
    ['False', false],
    ['0', false],
  ])('are enabled with "%s": %s', (RATE_LIMITER_ENABLED, enabled) => {
    expect(optionsFromEnv({ ...least, RATE_LIMITER_ENABLED }).enabled).toBe(enabled);
  });

  it.each([
    ['0', 0],
    ['100', 100],
    ['0.1', 0.1],
    ['', 100],
  ])('roll out to "%s" percent: %s', (RATE_LIMITER_ROLLOUT_PERCENT, percent) => {
    expect(optionsFromEnv({ ...least, RATE_LIMITER_ROLLOUT_PERCENT }).rolloutPercent).toBe(percent);
  });
});

describe('an environment with problems', () => {
  it('is told all of them in one error', () => {
    const problems = problemsOf({
      SQS_RATE_LIMITER_QUEUE: 'messages',
      SQS_RATE_LIMITER_DLQ: 'messages-dead',
      RATE_LIMITER_ENABLED: 'maybe',
      RATE_LIMITER_ROLLOUT_PERCENT: '101',
      AWS_REGION: 'Ireland',
    });

    expect(problems.map((problem) => problem.split(':')[0])).toEqual([
      'SQS_RATE_LIMITER_QUEUE',
      'SQS_RATE_LIMITER_DLQ',
      'RATE_LIMITER_ENABLED',
      'RATE_LIMITER_ROLLOUT_PERCENT',
      'AWS_REGION',
    ]);
  });

  it.each([
    [{}, 'SQS_RATE_LIMITER_QUEUE'],
    [{ SQS_RATE_LIMITER_QUEUE: ' ' }, 'SQS_RATE_LIMITER_QUEUE'],
    [{ ...least, SQS_RATE_LIMITER_DLQ: QUEUE_URL }, 'SQS_RATE_LIMITER_DLQ'],
    [{ ...least, RATE_LIMITER_ENABLED: 'constructor' }, 'RATE_LIMITER_ENABLED'],
    [{ ...least, RATE_LIMITER_ROLLOUT_PERCENT: '-1' }, 'RATE_LIMITER_ROLLOUT_PERCENT'],
    [{ ...least, RATE_LIMITER_ROLLOUT_PERCENT: '1e1' }, 'RATE_LIMITER_ROLLOUT_PERCENT'],
    [{ ...least, RATE_LIMITER_ROLLOUT_PERCENT: '50%' }, 'RATE_LIMITER_ROLLOUT_PERCENT'],
    [{ ...least, RATE_LIMITER_ROLLOUT_PERCENT: 'NaN' }, 'RATE_LIMITER_ROLLOUT_PERCENT'],
  ])('may be %j', (env, variable) => {
    expect(problemsOf(env as Record<string, string>)).toEqual([
      expect.stringMatching(`^${variable}: expected `),
    ]);
  });

  it.each([
    ['RATE_LIMITER_ROLLOUT_PERCENTAGE', 'RATE_LIMITER_ROLLOUT_PERCENT'],
    ['RATE_LIMITER_ENABLE', 'RATE_LIMITER_ENABLED'],
    ['SQS_RATE_LIMITER_DLX', 'SQS_RATE_LIMITER_DLQ'],
    ['rate_limiter_enabled', 'RATE_LIMITER_ENABLED'],
  ])('may have a name that is mistyped: %s', (name, meant) => {
    expect(problemsOf({ ...least, [name]: '10' })).toEqual([
      `${name}: expected another name, found none of ours: did you mean ${meant}?`,
    ]);
  });

  it.each(['RATE_LIMITER_REDIS_URL', 'RATE_LIMITER_', 'PATH', 'constructor'])(
    'may hold %s, which belongs to somebody else',
    (name) => {
      expect(problemsOf({ ...least, [name]: '10' })).toEqual([]);
    },
  );

  it.each([[null], [7], ['SQS_RATE_LIMITER_QUEUE']])('is an object, not %j', (env) => {
    expect(problemsOf(env as never)).toEqual([expect.stringMatching(/^env: expected an object/)]);
  });

  it('is not quoted: a secret may be in the wrong variable', () => {
    const names = ['SQS_RATE_LIMITER_QUEUE', 'SQS_RATE_LIMITER_DLQ', 'RATE_LIMITER_ENABLED', 'AWS_REGION'];
    const env = Object.fromEntries(names.map((name) => [name, 'AKIA-secret']));

    const problems = problemsOf({ ...env, RATE_LIMITER_ROLLOUT_PERCENT: 'AKIA-secret' });

    expect(problems).toHaveLength(5);
    expect(problems.join()).not.toContain('AKIA');
  });
});

import { describe, expect, it } from 'vitest';
import * as contract from './index.ts';

const {
  BypassError,
  ClientClosedError,
  ConfigurationError,
  LimiterUnavailableError,
  PayloadError,
  PermanentError,
  QueueRejectedError,
  QueueUnavailableError,
  RetryAfterError,
  StoreUnavailableError,
} = contract;

const cases = [
  { error: new ConfigurationError(['a', 'b']), guard: contract.isConfigurationError, retryable: false },
  {
    error: new PayloadError([{ path: 'key', message: 'm' }]),
    guard: contract.isPayloadError,
    retryable: false,
  },
  { error: new QueueUnavailableError('m'), guard: contract.isQueueUnavailableError, retryable: true },
  { error: new QueueRejectedError('m'), guard: contract.isQueueRejectedError, retryable: false },
  { error: new ClientClosedError(), guard: contract.isClientClosedError, retryable: false },
  { error: new BypassError('m', 'why'), guard: contract.isBypassError, retryable: false },
  { error: new StoreUnavailableError('m'), guard: contract.isStoreUnavailableError, retryable: true },
  { error: new LimiterUnavailableError('m'), guard: contract.isLimiterUnavailableError, retryable: true },
  { error: new PermanentError('m'), guard: contract.isPermanentError, retryable: false },
  { error: new RetryAfterError({ retryAfterMs: 5 }), guard: contract.isRetryAfterError, retryable: true },
];

describe.each(cases)('$error.name', ({ error, guard, retryable }) => {
  it('is known by its own guard alone', () => {
    expect(cases.filter((other) => other.guard(error)).map((other) => other.guard)).toEqual([guard]);
  });

  it('is known when another copy of the package made it', () => {
    const twin = Object.assign(new Error('m'), { code: error.code, retryAfterMs: 5 });

    expect(guard(twin)).toBe(true);
    expect(guard({ code: error.code, retryAfterMs: 5 })).toBe(false);
    expect(guard(undefined)).toBe(false);
  });

  it('says whether a retry may help, and has a name to print', () => {
    expect(error.retryable).toBe(retryable);
    expect(String(error)).toBe(`${error.name}: ${error.message}`);
    expect(error).toBeInstanceOf(contract.RateLimiterError);
  });
});

describe('what deliver throws', () => {
  it.each<[unknown, string]>([
    [{ retryAfter: 5 }, 'undefined'],
    [5_000, 'undefined'],
    [undefined, 'undefined'],
    [{ retryAfterMs: '5000' }, 'a string'],
    [{ retryAfterMs: Number.NaN }, 'a number that is not finite'],
    [{ retryAfterMs: Infinity }, 'a number that is not finite'],
  ])('asks for no silence without saying how long: %j', (options, found) => {
    expect(() => new RetryAfterError(options as never)).toThrow(
      new ConfigurationError([
        `RetryAfterError: expected { retryAfterMs } with a finite number of milliseconds, found ${found}`,
      ]),
    );
  });

  it.each([undefined, { error: 'secret' }, 400])(
    'is permanent without a reason that is text: %j',
    (reason) => {
      expect(new PermanentError(reason as never)).toMatchObject({ message: '', code: 'PERMANENT' });
    },
  );
});

describe('errors', () => {
  it('have a cause only when there is one', () => {
    expect(new QueueUnavailableError('m', 'why').cause).toBe('why');
    expect(new QueueUnavailableError('m')).not.toHaveProperty('cause');
  });

  it('list every configuration problem', () => {
    expect(new ConfigurationError(['a is missing', 'b is wrong'])).toMatchObject({
      message: 'a is missing; b is wrong',
      problems: ['a is missing', 'b is wrong'],
    });
  });
});

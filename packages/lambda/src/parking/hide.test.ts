import { describe, expect, it } from 'vitest';
import { makeHandler } from '../testing/make-handler.ts';
import { listing, record, records, sqsEvent } from '../testing/records.ts';
import { busy, wait } from '../testing/scripted-limiter.ts';

describe('parking', () => {
  it('hides up to ten waiters per call', async () => {
    const { handler, sqs } = makeHandler({
      concurrency: 12,
      admissions: (nowMs) => Array.from({ length: 12 }, () => wait(nowMs + 30_200)),
    });

    const response = await handler(sqsEvent(...records(12)));

    expect(sqs.parkCalls.map(({ entries }) => entries)).toEqual([10, 2]);
    expect(new Set(sqs.parked.map(({ visibilitySeconds }) => visibilitySeconds))).toEqual(new Set([29]));
    expect(response.batchItemFailures).toHaveLength(12);
  });

  it('that is refused in part leaves the messages listed, and says so', async () => {
    const { handler, sqs, logs } = makeHandler({
      admissions: (nowMs) => [busy(nowMs + 30_000), busy(nowMs + 30_000)],
      sqsFaults: { park: () => ['m-1'] },
    });

    expect(await handler(sqsEvent(...records(2)))).toEqual(listing('m-1', 'm-2'));
    expect(sqs.parked).toEqual([{ messageId: 'm-2', visibilitySeconds: 30 }]);
    expect(logs).toContainEqual({
      level: 'warn',
      fields: { failed: 1, codes: ['MessageNotInflight'] },
      message: 'messages could not be parked',
    });
  });

  it.each([
    ['an error', Object.assign(new Error('slow down'), { name: 'RequestThrottled' }), 'RequestThrottled'],
    ['no error at all', undefined, 'unknown'],
  ])('that fails altogether with %s leaves the messages listed, and says so', async (_, thrown, error) => {
    const { handler, logs } = makeHandler({
      admissions: (nowMs) => [busy(nowMs + 30_000)],
      sqsFaults: {
        park: () => {
          throw thrown;
        },
      },
    });

    expect(await handler(sqsEvent(record()))).toEqual(listing('m-1'));
    expect(logs).toContainEqual({
      level: 'warn',
      fields: { failed: 1, error },
      message: 'messages could not be parked',
    });
  });
});

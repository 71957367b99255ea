import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { systemClock } from '@huntaze/rate-limiter-client/contract';
import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { sharedService } from '@huntaze/testkit';
import { afterAll, describe, expect, it } from 'vitest';
import { dynamoDbFallbackStore, type DynamoDbFallbackStoreOptions } from './dynamodb-fallback-store.ts';
import { openDynamo } from './dynamodb.fixture.ts';

const dynamo = openDynamo(await sharedService('dynamo'));
afterAll(dynamo.close);

const DAY_S = 86_400;
const message = { id: 'm-1', key: 'account-1', body: '{}', storedAtMs: 1_700_000_000_000, error: 'down' };

async function makeStore(overrides: Partial<DynamoDbFallbackStoreOptions> = {}) {
  const { tableName } = await dynamo.createTable();
  const store = dynamoDbFallbackStore({
    client: dynamo.client,
    tableName,
    // DynamoDB's time counts, not this one.
    clock: fakeClock(Date.UTC(2000, 0, 1)),
    ...overrides,
  });
  const startS = Math.floor(systemClock.nowMs() / 1_000);
  const items = async () => (await dynamo.client.send(new ScanCommand({ TableName: tableName }))).Items;
  await store.save([message]);
  const [claim] = await store.claim({ limit: 1, leaseMs: 1_000 });
  if (!claim) throw new Error('expected a claim, found none');
  return { store, items, claim, secondsFromStart: (at: unknown) => Number(at) - startS };
}

/** By DynamoDB's time, which is told to the second; the test itself may take a minute. */
function expectDays(days: number, seconds: number) {
  expect(seconds).toBeGreaterThanOrEqual(days * DAY_S - 1);
  expect(seconds).toBeLessThanOrEqual(days * DAY_S + 60);
}

describe('what is done', () => {
  it('is remembered for a day without its body, and then left to DynamoDB to remove', async () => {
    const { store, items, claim, secondsFromStart } = await makeStore();
    await store.markReplayed(claim);
    await store.save([message]);

    const left = await items();
    expect(left).toEqual([
      {
        id: 'account-1 m-1',
        attempts: 1,
        storedAtMs: message.storedAtMs,
        expiresAtSeconds: expect.any(Number) as unknown,
      },
    ]);
    expectDays(1, secondsFromStart(left?.[0]?.['expiresAtSeconds']));
    expect(await store.counts()).toEqual({ pending: 0, dead: 0 });
  });

  it('is kept when it is dead, unless the host sets a time', async () => {
    const kept = await makeStore();
    const expiring = await makeStore({ keepDeadMs: 7 * DAY_S * 1_000 });
    for (const { store, claim } of [kept, expiring])
      await store.markFailed(claim, { error: 'no', dead: true });

    expect((await kept.items())?.[0]).not.toHaveProperty('expiresAtSeconds');
    const [dead] = (await expiring.items()) ?? [];
    expect(dead).toMatchObject({ body: '{}', error: 'no' });
    expectDays(7, expiring.secondsFromStart(dead?.['expiresAtSeconds']));
  });
});

import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { dynamoDbFallbackStore, type DynamoDbFallbackStoreOptions } from './dynamodb-fallback-store.ts';
import { openDynamo } from './dynamodb.fixture.ts';

const dynamo = openDynamo(inject('dynamoEndpoint'));
afterAll(dynamo.close);

const START_MS = Date.UTC(2026, 5, 1);
const DAY_S = 86_400;
const message = { id: 'm-1', key: 'account-1', body: '{}', storedAtMs: START_MS - 1_000, error: 'down' };

async function makeStore(overrides: Partial<DynamoDbFallbackStoreOptions> = {}) {
  const { tableName } = await dynamo.createTable();
  const clock = fakeClock(START_MS);
  const store = dynamoDbFallbackStore({ client: dynamo.client, tableName, clock, ...overrides });
  const items = async () => (await dynamo.client.send(new ScanCommand({ TableName: tableName }))).Items;
  await store.save([message]);
  const [claim] = await store.claim({ limit: 1, leaseMs: 1_000 });
  if (!claim) throw new Error('expected a claim, found none');
  return { store, items, claim };
}

describe('what is done', () => {
  it('is remembered for a day without its body, and then left to DynamoDB to remove', async () => {
    const { store, items, claim } = await makeStore();
    await store.markReplayed(claim);
    await store.save([message]);

    expect(await items()).toEqual([
      {
        id: 'account-1 m-1',
        attempts: 1,
        storedAtMs: message.storedAtMs,
        expiresAtSeconds: START_MS / 1_000 + DAY_S,
      },
    ]);
    expect(await store.counts()).toEqual({ pending: 0, dead: 0 });
  });

  it('is kept when it is dead, unless the host sets a time', async () => {
    const kept = await makeStore();
    const expiring = await makeStore({ keepDeadMs: 7 * DAY_S * 1_000 });
    for (const { store, claim } of [kept, expiring])
      await store.markFailed(claim, { error: 'no', dead: true });

    expect((await kept.items())?.[0]).not.toHaveProperty('expiresAtSeconds');
    expect((await expiring.items())?.[0]).toMatchObject({
      body: '{}',
      error: 'no',
      expiresAtSeconds: START_MS / 1_000 + 7 * DAY_S,
    });
  });
});

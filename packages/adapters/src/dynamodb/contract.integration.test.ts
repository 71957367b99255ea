import { fakeClock, fallbackStoreContract } from '@huntaze/rate-limiter-client/testing';
import { afterAll, describe, inject, it } from 'vitest';
import { dynamoDbFallbackStore } from './dynamodb-fallback-store.ts';
import { openDynamo } from './dynamodb.fixture.ts';

const dynamo = openDynamo(inject('dynamoEndpoint'));
afterAll(dynamo.close);

/** As much of an item's 400 KB as is left for the body. */
const maxBodyBytes = 400 * 1024 - 1_024;

describe('the DynamoDB store:', () => {
  const make = async () => {
    const clock = fakeClock(Date.UTC(2026, 5, 1));
    const { tableName, remove } = await dynamo.createTable();
    return {
      store: dynamoDbFallbackStore({ client: dynamo.client, tableName, clock, shards: 4 }),
      nowMs: clock.nowMs,
      elapse: clock.advance,
      close: remove,
    };
  };
  it.each(fallbackStoreContract({ make, maxBodyBytes }))('$name', { timeout: 300_000 }, ({ run }) => run());
});

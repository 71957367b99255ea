import { systemClock, type Clock } from '@huntaze/rate-limiter-client/contract';
import { fallbackStoreContract } from '@huntaze/rate-limiter-client/testing';
import { sharedService } from '@huntaze/testkit';
import { afterAll, describe, it } from 'vitest';
import { dynamoDbFallbackStore } from './dynamodb-fallback-store.ts';
import { openDynamo } from './dynamodb.fixture.ts';

const dynamo = openDynamo(await sharedService('dynamo'));
afterAll(dynamo.close);

/** As much of an item's 400 KB as is left for the body. */
const maxBodyBytes = 400 * 1024 - 1_024;

/** A clock that is wrong by so much. */
const skewed = (aheadMs: number): Clock => ({ ...systemClock, nowMs: () => systemClock.nowMs() + aheadMs });

describe.each([
  ['a document client', dynamo.client],
  ['a document client that wraps numbers as bigint', dynamo.wrapping],
])('the DynamoDB store on %s:', (name, client) => {
  const volume = name === 'a document client' ? 10_000 : 500;
  const make = async () => {
    const { tableName, remove, elapse } = await dynamo.createTable();
    const seenFrom = ({ aheadMs }: { readonly aheadMs: number }) =>
      dynamoDbFallbackStore({ client, tableName, clock: skewed(aheadMs), shards: 4 });
    return { store: seenFrom({ aheadMs: 0 }), seenFrom, nowMs: systemClock.nowMs, elapse, close: remove };
  };
  it.each(fallbackStoreContract({ make, maxBodyBytes, volume }))('$name', { timeout: 300_000 }, ({ run }) =>
    run(),
  );
});

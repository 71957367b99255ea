import { systemClock } from '@huntaze/rate-limiter-client/contract';
import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { slidingWindow } from '@huntaze/rate-limiter-lambda';
import { sharedService } from '@huntaze/testkit';
import { afterAll, expect, it } from 'vitest';
import type { DocumentClient } from '../document-client.ts';
import { openDynamo } from '../dynamodb.fixture.ts';
import { dynamoDbLimiter } from './dynamodb-limiter.ts';
import { fakeTable, type Sent } from './fake-table.fixture.ts';
import { limiterTableDefinition } from './limiter-table-definition.ts';

const dynamo = openDynamo(await sharedService('dynamo'));
afterAll(dynamo.close);

const limits = [slidingWindow({ limit: 10, windowMs: 60_000 })];
const numbered = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => ({ id: `m-${from + index}`, priority: 'medium' }) as const);
const asked = { key: 'account-1', limits, marginMs: 0 };

it('lets any number of processes grant what the limit allows, and each message once', async () => {
  const { tableName, remove } = await dynamo.createTable(limiterTableDefinition);
  const open = () =>
    dynamoDbLimiter({ client: dynamo.client, tableName, coldStart: 'full', timeoutMs: 60_000 });
  const processes = Array.from({ length: 8 }, open);

  const admissions = await Promise.all(
    processes.map((limiter, index) =>
      limiter.admit({
        ...asked,
        leaseMs: 60_000,
        // Each asks about four messages, two of which its neighbour asks about too.
        candidates: numbered(2 * index, 4),
      }),
    ),
  );

  const granted = admissions.flat().flatMap((one) => (one.kind === 'granted' ? [one.claim.id] : []));
  expect(granted).toHaveLength(10);
  expect(new Set(granted).size).toBe(10);
  await remove();
});

it('takes the units that the table in memory counts', async () => {
  const { tableName, remove } = await dynamo.createTable(limiterTableDefinition);
  const reported = { read: 0, written: 0 };
  const counting: DocumentClient = {
    async send(command: Sent) {
      Object.assign(command.input, { ReturnConsumedCapacity: 'TOTAL' });
      const { ConsumedCapacity } = (await dynamo.client.send(command as never)) as {
        ConsumedCapacity?: { CapacityUnits: number } | readonly { CapacityUnits: number }[];
      };
      const units = [ConsumedCapacity ?? []].flat().reduce((sum, one) => sum + one.CapacityUnits, 0);
      reported[command.constructor.name === 'PutCommand' ? 'written' : 'read'] += units;
      return {};
    },
  };
  const table = fakeTable(async (command, carryOut) => {
    await counting.send(command as never);
    return carryOut();
  });
  const clock = fakeClock();
  const limiter = dynamoDbLimiter({ client: table, tableName, coldStart: 'full', clock });

  for (let from = 0; from < 60; from += 10) {
    const admissions = await limiter.admit({ ...asked, leaseMs: 60_000, candidates: numbered(from, 10) });
    const claims = admissions.flatMap((one) => (one.kind === 'granted' ? [one.claim] : []));
    await limiter.settle({
      ...asked,
      settlements: claims.map(({ id, token }) => ({ id, token, outcome: 'delivered' })),
    });
  }

  expect(reported.read).toBeGreaterThan(60);
  expect(table.units).toEqual(reported);
  await remove();
});

it('says what to look at when there is no such table', async () => {
  const limiter = dynamoDbLimiter({ client: dynamo.client, tableName: 'no-such-table', clock: systemClock });

  await expect(limiter.inspect('account-1')).rejects.toMatchObject({
    code: 'LIMITER_UNAVAILABLE',
    message: expect.stringContaining(
      "found ResourceNotFoundException: check the table's name and region, and the role's permissions",
    ) as unknown,
  });
});

import type { Clock } from '@huntaze/rate-limiter-client/contract';
import { sharedService } from '@huntaze/testkit';
import { afterAll } from 'vitest';
import { describeLimiterContract } from '../../../../lambda/src/testing/limiter/limiter-contract.ts';
import { describeMemory } from '../../../../lambda/src/testing/limiter/memory.ts';
import { openDynamo } from '../dynamodb.fixture.ts';
import { dynamoDbLimiter, type DynamoDbLimiterOptions } from './dynamodb-limiter.ts';
import { limiterTableDefinition } from './limiter-table-definition.ts';

const dynamo = openDynamo(await sharedService('dynamo'));
const tables: ReturnType<typeof dynamo.createTable>[] = [];
afterAll(async () => {
  for (const table of tables) await (await table).remove();
  dynamo.close();
});

/** A limiter whose table is there when it first asks. */
function make(clock: Clock, options: Partial<DynamoDbLimiterOptions> = {}) {
  const table = dynamo.createTable(limiterTableDefinition);
  tables.push(table);
  const send = async (command: { readonly input: object }) => {
    const { tableName } = await table;
    const { input } = command as { input: Record<string, unknown> };
    if ('TableName' in input) input['TableName'] = tableName;
    else
      input['RequestItems'] = { [tableName]: Object.values(input['RequestItems'] as object)[0] as unknown };
    return dynamo.client.send(command as never);
  };
  return dynamoDbLimiter({
    client: { send },
    tableName: 'the-one-created',
    coldStart: 'full',
    clockSkewMs: 0,
    clock,
    ...options,
  });
}

describeLimiterContract('DynamoDB', {
  make: (clock, upstream) => make(clock, { ...(upstream !== undefined && { upstream }) }),
});
describeMemory('DynamoDB', (clock, rememberMs) => make(clock, { rememberMs }));

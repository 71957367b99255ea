// Makes the table of the fallback store, unless it is there.
import {
  CreateTableCommand,
  DynamoDBClient,
  ResourceInUseException,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { tableDefinition } from '@huntaze/rate-limiter-adapters/dynamodb';

const tableName = process.env['FALLBACK_TABLE'] ?? 'rate-limiter-fallback';
const client = new DynamoDBClient();
try {
  await client.send(new CreateTableCommand(tableDefinition({ tableName })));
} catch (error) {
  if (!(error instanceof ResourceInUseException)) throw error;
}
await waitUntilTableExists({ client, maxWaitTime: 60 }, { TableName: tableName });
console.log(`${tableName} is there`);

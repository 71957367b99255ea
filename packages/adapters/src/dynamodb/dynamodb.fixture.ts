import {
  CreateTableCommand,
  DeleteTableCommand,
  DynamoDBClient,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { dynamoDefaults } from '@huntaze/testkit';
import { tableDefinition } from './table.ts';

/** A client of the run's DynamoDB, and tables of one's own there. */
export function openDynamo(endpoint: string) {
  const dynamo = new DynamoDBClient({ endpoint, ...dynamoDefaults });
  let tables = 0;
  return {
    client: DynamoDBDocumentClient.from(dynamo),
    async createTable() {
      const tableName = `messages-${process.pid}-${tables++}`;
      await dynamo.send(new CreateTableCommand(tableDefinition({ tableName })));
      const waiting = { client: dynamo, maxWaitTime: 10, minDelay: 0.05, maxDelay: 0.05 };
      await waitUntilTableExists(waiting, { TableName: tableName });
      const remove = async () => void (await dynamo.send(new DeleteTableCommand({ TableName: tableName })));
      return { tableName, remove };
    },
    close: () => dynamo.destroy(),
  };
}

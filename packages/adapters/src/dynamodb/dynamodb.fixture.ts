import { randomUUID } from 'node:crypto';
import {
  CreateTableCommand,
  DeleteTableCommand,
  DynamoDBClient,
  waitUntilTableExists,
  type CreateTableCommandInput,
} from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, ScanCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { dynamoDefaults } from '@huntaze/testkit';
import { tableDefinition } from './table.ts';

/** How far apart two stores may read the time: answers tell it to the second, and take a moment. */
const EXACT_TO_MS = 2_000;

/** Lets time pass for what is stored: moves its due times back, by what is surely the time for every store. */
async function elapse(client: DynamoDBDocumentClient, tableName: string, ms: number): Promise<void> {
  const { Items = [] } = await client.send(new ScanCommand({ TableName: tableName }));
  for (const { id, dueAtMs } of Items) {
    if (dueAtMs === undefined) continue;
    await client.send(
      new UpdateCommand({
        TableName: tableName,
        Key: { id: String(id) },
        UpdateExpression: 'SET dueAtMs = dueAtMs - :ms',
        ExpressionAttributeValues: { ':ms': ms + EXACT_TO_MS },
      }),
    );
  }
}

type DefinitionOf = (options: { readonly tableName: string }) => CreateTableCommandInput;

/** A client of the run's DynamoDB, and tables of one's own there. */
export function openDynamo(endpoint: string) {
  const dynamo = new DynamoDBClient({ endpoint, ...dynamoDefaults });
  // A document client keeps its options in the client below it: each has its own.
  const other = new DynamoDBClient({ endpoint, ...dynamoDefaults });
  const client = DynamoDBDocumentClient.from(dynamo);
  return {
    client,
    /** One whose numbers are no numbers. */
    wrapping: DynamoDBDocumentClient.from(other, { unmarshallOptions: { wrapNumbers: BigInt } }),
    async createTable(definitionOf: DefinitionOf = tableDefinition) {
      const tableName = `messages-${randomUUID()}`;
      await dynamo.send(new CreateTableCommand(definitionOf({ tableName })));
      const waiting = { client: dynamo, maxWaitTime: 10, minDelay: 0.05, maxDelay: 0.05 };
      await waitUntilTableExists(waiting, { TableName: tableName });
      const remove = async () => void (await dynamo.send(new DeleteTableCommand({ TableName: tableName })));
      return { tableName, remove, elapse: (ms: number) => elapse(client, tableName, ms) };
    },
    close() {
      dynamo.destroy();
      other.destroy();
    },
  };
}

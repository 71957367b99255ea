import {
  CreateTableCommand,
  DeleteTableCommand,
  DynamoDBClient,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import {
  BatchWriteCommand,
  DeleteCommand,
  DynamoDBDocumentClient,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { DUE_INDEX, dynamoDbFallbackStore, tableDefinition } from '@huntaze/rate-limiter-adapters/dynamodb';
import { dynamoDefaults, dynamoService } from '@huntaze/testkit';
import { compare } from './compare.ts';
import { LEASE_MS, type Contender } from './contender.ts';

const SHARDS = 16;

/** The DynamoDB store beside the least that a host would write itself, on the same table. */
export async function compareDynamoDb(): Promise<string> {
  await using stack = new AsyncDisposableStack();
  const service = await dynamoService();
  stack.defer(() => service.stop());
  const dynamo = new DynamoDBClient({ endpoint: service.endpoint, ...dynamoDefaults });
  stack.defer(() => dynamo.destroy());
  const client = DynamoDBDocumentClient.from(dynamo);
  let tableName = '';
  let tables = 0;
  const clear = async () => {
    if (tableName !== '') await dynamo.send(new DeleteTableCommand({ TableName: tableName }));
    tableName = `bench-${process.pid}-${tables++}`;
    await dynamo.send(new CreateTableCommand(tableDefinition({ tableName })));
    const waiting = { client: dynamo, maxWaitTime: 10, minDelay: 0.05, maxDelay: 0.05 };
    await waitUntilTableExists(waiting, { TableName: tableName });
  };

  const store = () => dynamoDbFallbackStore({ client, tableName, shards: SHARDS });
  const ours: Contender = {
    name: 'ours',
    clear,
    save: (messages) => store().save(messages),
    claim: (limit) => store().claim({ limit, leaseMs: LEASE_MS }),
    settle: (claim) => store().markReplayed({ ...claim, attempt: 1 }),
  };

  const due = async (shard: number, limit: number) => {
    const { Items } = await client.send(
      new QueryCommand({
        TableName: tableName,
        IndexName: DUE_INDEX,
        KeyConditionExpression: '#shard = :shard AND dueAtMs <= :now',
        ExpressionAttributeNames: { '#shard': 'shard' },
        ExpressionAttributeValues: { ':shard': `pending#${shard}`, ':now': Date.now() },
        Limit: limit,
      }),
    );
    return Items ?? [];
  };
  const take = async (id: unknown) => {
    const { Attributes } = await client.send(
      new UpdateCommand({
        TableName: tableName,
        Key: { id },
        UpdateExpression: 'SET dueAtMs = :until',
        ConditionExpression: 'dueAtMs <= :now',
        ExpressionAttributeValues: { ':now': Date.now(), ':until': Date.now() + LEASE_MS },
        ReturnValues: 'ALL_NEW',
      }),
    );
    const [key = '', messageId = ''] = String(id).split(' ');
    const body = String(Attributes?.['body']);
    return [{ token: '', message: { key, id: messageId, body, storedAtMs: 0, error: '' } }];
  };
  const byHand: Contender = {
    name: 'by hand',
    clear,
    save: (messages) =>
      client.send(
        new BatchWriteCommand({
          RequestItems: {
            [tableName]: messages.map(({ key, id, body, storedAtMs }, index) => ({
              PutRequest: {
                Item: { id: `${key} ${id}`, body, shard: `pending#${index % SHARDS}`, dueAtMs: storedAtMs },
              },
            })),
          },
        }),
      ),
    claim: async (limit) => {
      const found = await Promise.all(Array.from({ length: SHARDS }, (_, shard) => due(shard, limit)));
      const oldest = found.flat().toSorted((a, b) => Number(a['dueAtMs']) - Number(b['dueAtMs']));
      const taken = await Promise.all(oldest.slice(0, limit).map(({ id }) => take(id).catch(() => [])));
      return taken.flat();
    },
    settle: ({ message: { key, id } }) =>
      client.send(new DeleteCommand({ TableName: tableName, Key: { id: `${key} ${id}` } })),
  };
  /** As idempotent as ours: what is known stays as it is. */
  const byHandOnce: Contender = {
    ...byHand,
    name: 'by hand, once',
    save: (messages) =>
      Promise.all(
        messages.map(({ key, id, body, storedAtMs }, index) =>
          client.send(
            new PutCommand({
              TableName: tableName,
              Item: { id: `${key} ${id}`, body, shard: `pending#${index % SHARDS}`, dueAtMs: storedAtMs },
              ConditionExpression: 'attribute_not_exists(id)',
            }),
          ),
        ),
      ),
  };
  // Awaited here, before what is used is closed.
  return await compare([ours, byHand, byHandOnce], { messages: 1_000, together: 10, callers: 1 });
}

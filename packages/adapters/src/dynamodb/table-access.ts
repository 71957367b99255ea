import {
  BatchGetCommand,
  BatchWriteCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
  type BatchGetCommandOutput,
  type BatchWriteCommandOutput,
  type QueryCommandInput,
  type QueryCommandOutput,
  type UpdateCommandInput,
  type UpdateCommandOutput,
} from '@aws-sdk/lib-dynamodb';
import { StoreUnavailableError, type Clock, type Random } from '@huntaze/rate-limiter-client/contract';
import type { DocumentClient, DocumentCommand } from './document-client.ts';
import { DUE_INDEX } from './table.ts';
import type { Item } from './item.ts';

/** What of an item a read of the index gives. */
export type IndexedItem = Pick<Item, 'id' | 'shard' | 'dueAtMs'>;

/** Whether a condition held. */
export type Conditional<Answer> = { readonly met: true; readonly answer: Answer } | { readonly met: false };

/** The few requests that the store makes, each one call of DynamoDB, or several where it gives a part at a time. */
export interface TableAccess {
  /** Writes an item unless there is one with its id. */
  putNew(item: Item): Promise<void>;
  /** The ids among at most 100 for which there is an item, read consistently. */
  known(ids: readonly string[]): Promise<ReadonlySet<string>>;
  /** Writes at most 25 items, whatever is there. */
  putAll(items: readonly Item[]): Promise<void>;
  /** Changes one item if it meets the condition. */
  change(
    id: string,
    change: Pick<
      UpdateCommandInput,
      'UpdateExpression' | 'ConditionExpression' | 'ExpressionAttributeValues'
    >,
  ): Promise<Conditional<Item>>;
  /** At most `limit` items of one shard that are due at an instant, the longest due first. */
  due(shard: string, atMs: number, limit: number): Promise<readonly IndexedItem[]>;
  count(shard: string): Promise<number>;
}

/** What DynamoDB takes only a part of is sent again, at most so often, after pauses that double from here. */
const MAX_SENDS = 10;
const FIRST_PAUSE_MS = 50;
const MAX_PAUSE_MS = 5_000;

/** Attributes by placeholders, since some are words of the expression language. */
const names = Object.fromEntries(
  ['id', 'body', 'storedAtMs', 'error', 'attempts', 'shard', 'dueAtMs', 'claimToken', 'expiresAtSeconds'].map(
    (name) => [`#${name}`, name],
  ),
);

/** @throws {StoreUnavailableError} from every method, with the SDK's error as its cause. */
export function tableAccess(
  client: DocumentClient,
  tableName: string,
  { clock, random }: { readonly clock: Clock; readonly random: Random },
): TableAccess {
  const send = async <Output>(what: string, command: object): Promise<Output> => {
    try {
      return (await client.send(command as DocumentCommand)) as Output;
    } catch (error) {
      if (isConditionFailure(error)) throw error;
      throw new StoreUnavailableError(
        `expected DynamoDB ${what}, found ${nameOf(error)}: check the table's name and region, and the role's permissions`,
        error,
      );
    }
  };
  /** Full jitter, so that callers who were refused together do not come back together. */
  const pauseBefore = (sends: number) =>
    clock.sleep(random.next() * Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** sends));

  return {
    async putNew(item) {
      const Item = item;
      const ConditionExpression = 'attribute_not_exists(id)';
      await conditional(() =>
        send('to store a message', new PutCommand({ TableName: tableName, Item, ConditionExpression })),
      );
    },

    async known(ids) {
      const found = new Set<string>();
      let keys: Record<string, unknown>[] = ids.map((id) => ({ id }));
      for (let sends = 0; keys.length > 0; sends++) {
        if (sends > 0) await pauseBefore(sends);
        if (sends === MAX_SENDS) throw unprocessed('to look for messages', keys.length);
        const request = { Keys: keys, ProjectionExpression: 'id', ConsistentRead: true };
        const { Responses, UnprocessedKeys } = await send<BatchGetCommandOutput>(
          'to look for messages',
          new BatchGetCommand({ RequestItems: { [tableName]: request } }),
        );
        for (const { id } of Responses?.[tableName] ?? []) found.add(String(id));
        keys = UnprocessedKeys?.[tableName]?.Keys ?? [];
      }
      return found;
    },

    async putAll(items) {
      type Requests = NonNullable<BatchWriteCommandOutput['UnprocessedItems']>[string];
      let requests: Requests = items.map((item) => ({ PutRequest: { Item: { ...item } } }));
      for (let sends = 0; requests.length > 0; sends++) {
        if (sends > 0) await pauseBefore(sends);
        if (sends === MAX_SENDS) throw unprocessed('to store messages', requests.length);
        const { UnprocessedItems } = await send<BatchWriteCommandOutput>(
          'to store messages',
          new BatchWriteCommand({ RequestItems: { [tableName]: requests } }),
        );
        requests = UnprocessedItems?.[tableName] ?? [];
      }
    },

    change: (id, change) =>
      conditional(async () => {
        const mentioned = `${change.UpdateExpression} ${change.ConditionExpression}`;
        const { Attributes } = await send<UpdateCommandOutput>(
          'to change a message',
          new UpdateCommand({
            TableName: tableName,
            Key: { id },
            ...change,
            ExpressionAttributeNames: namesIn(mentioned),
            ReturnValues: 'ALL_NEW',
          }),
        );
        return Attributes as Item;
      }),

    async due(shard, atMs, limit) {
      const { Items } = await send<QueryCommandOutput>(
        'to find messages',
        new QueryCommand({
          ...inShard(tableName, shard, ' AND #dueAtMs <= :atMs', { ':atMs': atMs }),
          Limit: limit,
        }),
      );
      return (Items ?? []) as IndexedItem[];
    },

    async count(shard) {
      let count = 0;
      let start: Record<string, unknown> | undefined;
      do {
        const page: QueryCommandOutput = await send<QueryCommandOutput>(
          'to count messages',
          new QueryCommand({
            ...inShard(tableName, shard),
            Select: 'COUNT',
            ...(start && { ExclusiveStartKey: start }),
          }),
        );
        count += page.Count ?? 0;
        start = page.LastEvaluatedKey;
      } while (start);
      return count;
    },
  };
}

async function conditional<Answer>(request: () => Promise<Answer>): Promise<Conditional<Answer>> {
  try {
    return { met: true, answer: await request() };
  } catch (error) {
    if (isConditionFailure(error)) return { met: false };
    throw error;
  }
}

function inShard(tableName: string, shard: string, further = '', values: Record<string, unknown> = {}) {
  const KeyConditionExpression = `#shard = :shard${further}`;
  return {
    TableName: tableName,
    IndexName: DUE_INDEX,
    KeyConditionExpression,
    ExpressionAttributeNames: namesIn(KeyConditionExpression),
    ExpressionAttributeValues: { ':shard': shard, ...values },
  } satisfies QueryCommandInput;
}

/** DynamoDB refuses names that no expression mentions. */
function namesIn(expression: string): Record<string, string> {
  const mentioned = new Set(expression.match(/#\w+/g) ?? []);
  return Object.fromEntries(Object.entries(names).filter(([placeholder]) => mentioned.has(placeholder)));
}

function isConditionFailure(error: unknown): boolean {
  return nameOf(error) === 'ConditionalCheckFailedException';
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'something thrown that is no error';
}

function unprocessed(what: string, left: number): StoreUnavailableError {
  return new StoreUnavailableError(
    `expected DynamoDB ${what}, found ${left} still unprocessed after ${MAX_SENDS} requests: raise the table's capacity`,
  );
}

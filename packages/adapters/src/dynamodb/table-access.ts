import {
  BatchWriteCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
  type BatchWriteCommandOutput,
  type QueryCommandInput,
  type QueryCommandOutput,
  type UpdateCommandInput,
  type UpdateCommandOutput,
} from '@aws-sdk/lib-dynamodb';
import { conditional, requestsTo, type RequestParts } from './requests.ts';
import { DUE_INDEX } from './table.ts';
import type { TableTime } from './table-time.ts';
import { itemOf, numberOf, shardOf, type Item, type RememberedItem } from './item.ts';

/** The attributes that a read of the index returns. */
export type IndexedItem = Pick<Item, 'id' | 'dueAtMs'>;

type Change = Pick<
  UpdateCommandInput,
  'UpdateExpression' | 'ConditionExpression' | 'ExpressionAttributeValues'
>;

/** The few requests that the store makes: see {@link tableAccess}. */
export type TableAccess = ReturnType<typeof tableAccess>;

interface TableParts extends RequestParts {
  readonly tableName: string;
  readonly time: TableTime;
}

/**
 * Access to the table for one call of the store. Each request is one call of DynamoDB, or several where it answers in
 * pages. One that DynamoDB had no capacity for, or that met another one, was not carried out: it is sent again while the patience of the store's call
 * lasts.
 * @throws {StoreUnavailableError} from every method, with the SDK's error as its cause.
 */
export function tableAccess({ client, tableName, time, ...pausing }: TableParts) {
  const { send, pause } = requestsTo({ client, time, ...pausing });

  /** At most `limit` items of one shard that are due at an instant, the longest due first. */
  const due = async (shard: string, atMs: number, limit: number): Promise<readonly IndexedItem[]> => {
    const { Items = [] } = await send<QueryCommandOutput>(
      'to find messages',
      () =>
        new QueryCommand({
          ...inShard(tableName, shard, ' AND #dueAtMs <= :atMs', { ':atMs': atMs }),
          Limit: limit,
        }),
    );
    return Items.map(({ id, dueAtMs }) => ({ id: String(id), dueAtMs: numberOf(dueAtMs) }));
  };

  return {
    /** The present by DynamoDB's clock, asked for when it is unknown; the host's where answers do not tell it. */
    async nowMs(): Promise<number> {
      // Every answer has a date. This one costs half a read unit, once.
      if (time.nowMs() === undefined) await due(shardOf('pending', '', 1), 0, 1);
      return time.nowMs() ?? Math.floor(pausing.clock.nowMs());
    },

    /** Writes an item unless there is one with its id. */
    async putNew(item: Item): Promise<void> {
      const ConditionExpression = 'attribute_not_exists(id)';
      const request = { TableName: tableName, Item: item, ConditionExpression };
      await conditional(() => send('to store a message', () => new PutCommand(request)));
    },

    /** Writes at most 25 items, whatever is there. @returns those that DynamoDB had no capacity for, after a pause. */
    async putTogether(items: readonly Item[]): Promise<readonly Item[]> {
      const requests = items.map((item) => ({ PutRequest: { Item: { ...item } } }));
      const { UnprocessedItems } = await send<BatchWriteCommandOutput>(
        'to store messages',
        () => new BatchWriteCommand({ RequestItems: { [tableName]: requests } }),
      );
      const left = new Set(UnprocessedItems?.[tableName]?.map(({ PutRequest }) => PutRequest?.Item?.['id']));
      if (left.size > 0) await pause();
      return items.filter(({ id }) => left.has(id));
    },

    /** Puts something in the place of an item if its newest claim has this token. @returns whether it has. */
    async replaceClaimed(item: RememberedItem, token: string): Promise<boolean> {
      const { met } = await conditional(() =>
        send(
          'to remember a message',
          () =>
            new PutCommand({
              TableName: tableName,
              Item: item,
              ConditionExpression: 'claimToken = :token',
              ExpressionAttributeValues: { ':token': token },
            }),
        ),
      );
      return met;
    },

    /** Changes one item if it meets the condition. */
    change: (id: string, change: Change) =>
      conditional(async () => {
        const mentioned = `${change.UpdateExpression} ${change.ConditionExpression}`;
        const { Attributes } = await send<UpdateCommandOutput>(
          'to change a message',
          () =>
            new UpdateCommand({
              TableName: tableName,
              Key: { id },
              ...change,
              ExpressionAttributeNames: namesIn(mentioned),
              ReturnValues: 'ALL_NEW',
            }),
        );
        return itemOf(Attributes ?? {});
      }),

    due,

    async count(shard: string): Promise<number> {
      let count = 0;
      let last: Record<string, unknown> | undefined;
      do {
        const start = last;
        const page: QueryCommandOutput = await send<QueryCommandOutput>(
          'to count messages',
          () =>
            new QueryCommand({
              ...inShard(tableName, shard),
              Select: 'COUNT',
              ...(start && { ExclusiveStartKey: start }),
            }),
        );
        count += page.Count ?? 0;
        last = page.LastEvaluatedKey;
      } while (last);
      return count;
    },
  };
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

/** Attributes by placeholders, since some are words of the expression language. DynamoDB refuses those not mentioned. */
function namesIn(expression: string): Record<string, string> {
  return Object.fromEntries((expression.match(/#\w+/g) ?? []).map((name) => [name, name.slice(1)]));
}

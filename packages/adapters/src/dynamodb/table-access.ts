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
import { StoreUnavailableError, type Clock, type Random } from '@huntaze/rate-limiter-client/contract';
import type { DocumentClient, DocumentCommand } from './document-client.ts';
import { DUE_INDEX } from './table.ts';
import type { Item, RememberedItem } from './item.ts';

/** What of an item a read of the index gives. */
export type IndexedItem = Pick<Item, 'id' | 'shard' | 'dueAtMs'>;

/** Whether a condition held. */
export type Conditional<Answer> = { readonly met: true; readonly answer: Answer } | { readonly met: false };

/** The few requests that the store makes, each one call of DynamoDB, or several where it gives a part at a time. */
export interface TableAccess {
  /** Writes an item unless there is one with its id. */
  putNew(item: Item): Promise<void>;
  /** Writes at most 25 items, whatever is there. @returns those that DynamoDB did not take. */
  putTogether(items: readonly Item[]): Promise<readonly Item[]>;
  /** Puts something in the place of an item if its newest claim has this token. @returns whether it has. */
  replaceClaimed(item: RememberedItem, token: string): Promise<boolean>;
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

/** What DynamoDB has no room for now is sent again, at most so often, after pauses that double from here. */
const MAX_SENDS = 10;
const FIRST_PAUSE_MS = 50;
const MAX_PAUSE_MS = 5_000;

/** Refusals for want of capacity (DynamoDB: "Error handling with DynamoDB"). */
const THROTTLED: ReadonlySet<string> = new Set([
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ThrottlingException',
]);

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
      const remedy = isThrottled(error)
        ? "raise the table's capacity"
        : "check the table's name and region, and the role's permissions";
      throw new StoreUnavailableError(`expected DynamoDB ${what}, found ${nameOf(error)}: ${remedy}`, error);
    }
  };
  /** Repeats what was refused for want of capacity, with full jitter: who was refused together comes back apart. */
  const patiently = async <Output>(request: () => Promise<Output>): Promise<Output> => {
    for (let sends = 1; ; sends++) {
      try {
        return await request();
      } catch (error) {
        if (sends === MAX_SENDS || !isThrottled((error as Error).cause)) throw error;
        await clock.sleep(random.next() * Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** sends));
      }
    }
  };

  return {
    async putNew(item) {
      const ConditionExpression = 'attribute_not_exists(id)';
      const request = { TableName: tableName, Item: item, ConditionExpression };
      await conditional(() => patiently(() => send('to store a message', new PutCommand(request))));
    },

    async putTogether(items) {
      const requests = items.map((item) => ({ PutRequest: { Item: { ...item } } }));
      const { UnprocessedItems } = await patiently(() =>
        send<BatchWriteCommandOutput>(
          'to store messages',
          new BatchWriteCommand({ RequestItems: { [tableName]: requests } }),
        ),
      );
      const left = UnprocessedItems?.[tableName] ?? [];
      return left.flatMap(({ PutRequest }) => (PutRequest?.Item ? [PutRequest.Item as Item] : []));
    },

    async replaceClaimed(item, token) {
      const { met } = await conditional(() =>
        send(
          'to remember a message',
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

/** Whether DynamoDB had no capacity for a request. */
function isThrottled(error: unknown): boolean {
  return THROTTLED.has(nameOf(error));
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'something thrown that is no error';
}

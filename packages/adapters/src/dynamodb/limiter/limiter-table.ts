import {
  BatchGetCommand,
  GetCommand,
  PutCommand,
  type BatchGetCommandOutput,
  type GetCommandOutput,
} from '@aws-sdk/lib-dynamodb';
import { chunksOf } from '@huntaze/kit';
import { conditional, refusedInPart, requestsTo, type RequestParts } from '../requests.ts';
import type { StateItem } from './state-items.ts';

/** An item as DynamoDB returns it. */
export type Attributes = Readonly<Record<string, unknown>>;

/** What one BatchGetItem takes (DynamoDB: "Service quotas"). */
const MAX_READ_TOGETHER = 100;

/**
 * Access to the table for one call of the store. Reads are consistent.
 * @throws {StoreUnavailableError} from every method, with the SDK's error as its cause.
 */
export function limiterTable({ tableName, ...parts }: RequestParts & { readonly tableName: string }) {
  const { send } = requestsTo(parts);

  const getTogether = async (ids: readonly string[]): Promise<readonly Attributes[]> => {
    const found: Attributes[] = [];
    let left: Record<string, unknown>[] = ids.map((id) => ({ id }));
    await send<BatchGetCommandOutput>(
      'to read messages',
      () => new BatchGetCommand({ RequestItems: { [tableName]: { Keys: left, ConsistentRead: true } } }),
      ({ Responses, UnprocessedKeys }) => {
        found.push(...Object.values(Responses ?? {}).flat());
        left = Object.values(UnprocessedKeys ?? {}).flatMap(({ Keys = [] }) => Keys);
        if (left.length > 0) throw refusedInPart();
      },
    );
    return found;
  };

  return {
    async get(id: string): Promise<Attributes | undefined> {
      const request = { TableName: tableName, Key: { id }, ConsistentRead: true };
      const { Item } = await send<GetCommandOutput>('to read a state', () => new GetCommand(request));
      return Item;
    },

    /** Those of the items that there are. */
    async getAll(ids: readonly string[]): Promise<readonly Attributes[]> {
      const portions = [...chunksOf([...new Set(ids)], { maxItems: MAX_READ_TOGETHER })];
      return (await Promise.all(portions.map(getTogether))).flat();
    },

    /** Puts an item in the place of whatever is there. */
    async put(item: StateItem): Promise<true> {
      await send('to write a state', () => new PutCommand({ TableName: tableName, Item: item }));
      return true;
    },

    /** Puts an item unless there is one with its id. */
    async putNew(item: Attributes & { readonly id: string }): Promise<void> {
      const ConditionExpression = 'attribute_not_exists(id)';
      const request = { TableName: tableName, Item: item, ConditionExpression };
      await conditional(() => send('to write when the table began', () => new PutCommand(request)));
    },

    /**
     * Puts an item in the place of the one with the version that was read, or of none. Also in the place of itself: the
     * SDK repeats what it got no reply to, and DynamoDB may have carried it out.
     * @returns whether that one was still there.
     */
    async replace(item: StateItem, read: string | undefined): Promise<boolean> {
      const { met } = await conditional(() =>
        send(
          'to write a state',
          () =>
            new PutCommand({
              TableName: tableName,
              Item: item,
              ConditionExpression: `${read === undefined ? 'attribute_not_exists(id)' : 'version = :read'} OR version = :own`,
              ExpressionAttributeValues: {
                ':own': item.version,
                ...(read !== undefined && { ':read': read }),
              },
            }),
        ),
      );
      return met;
    },
  };
}

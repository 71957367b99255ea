import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { dynamoDbFallbackStore, type DynamoDbFallbackStoreOptions } from './dynamodb-fallback-store.ts';

export const tableName = 'messages';

export const message = (id: string, body = '{}') => ({
  id,
  key: 'account-1',
  body,
  storedAtMs: 1_700_000_000_000,
  error: 'down',
});
export const many = (count: number) => Array.from({ length: count }, (_, index) => message(`m-${index}`));
export const fresh = (count: number) => many(count).map((one) => ({ ...one, fresh: true }));

/** A command as the store sends it. */
export interface Sent {
  readonly input: {
    readonly Key?: { readonly id: string };
    readonly RequestItems?: Readonly<Record<string, unknown>>;
    readonly ExpressionAttributeValues?: Readonly<Record<string, unknown>>;
  };
}

/** What DynamoDB says when it has no capacity. */
export const throttled = () => Object.assign(new Error('slow down'), { name: 'ThrottlingException' });

/**
 * A store on a client that answers as it is told, and what it was sent. Its answers do not tell the time, so the
 * question for it, which each store asks once, is left out.
 */
export function makeStore(
  answer: (command: Sent) => unknown,
  overrides: Partial<DynamoDbFallbackStoreOptions> = {},
) {
  const clock = fakeClock();
  const sent: Sent[] = [];
  const client = {
    send: async (command: Sent) => {
      if (command.input.ExpressionAttributeValues?.[':atMs'] === 0) return {};
      sent.push(command);
      return answer(command);
    },
  };
  const store = dynamoDbFallbackStore({
    client,
    tableName,
    clock,
    random: { next: () => 1 },
    ...overrides,
  });
  const written = () =>
    sent.flatMap((command) => {
      if (!(command instanceof BatchWriteCommand)) return [];
      const requests = command.input.RequestItems?.[tableName] ?? [];
      return [requests.map(({ PutRequest }) => String(PutRequest?.Item?.['id']))];
    });
  return { store, clock, sent, written };
}

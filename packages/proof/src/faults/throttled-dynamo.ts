import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/** How DynamoDB refuses for want of capacity: the first `refused` of each `of` requests, or milliseconds. */
export interface Throttling {
  readonly refused: number;
  readonly of: number;
  readonly unit: 'requests' | 'ms';
}

/** A client whose requests are refused in part, before they get to DynamoDB, as when a table has too little capacity. */
export function throttled(
  client: DynamoDBDocumentClient,
  { refused, of, unit }: Throttling,
): DynamoDBDocumentClient {
  let requests = 0;
  const now = () => (unit === 'ms' ? performance.now() : requests++);
  return new Proxy(client, {
    get(target, property) {
      if (property === 'send')
        return async (command: Parameters<DynamoDBDocumentClient['send']>[0]) => {
          if (now() % of < refused)
            throw Object.assign(new Error('slow down'), { name: 'ProvisionedThroughputExceededException' });
          return await target.send(command);
        };
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

import { requireOptions } from '../require-options.ts';
import { tableChecks } from './option-checks.ts';

/** The index of what is pending, by when it is due, and of what is dead, by when it was given up. */
export const DUE_INDEX = 'due';

/** What `CreateTableCommand` of `@aws-sdk/client-dynamodb` takes. */
export interface TableDefinition {
  readonly TableName: string;
  readonly AttributeDefinitions: { AttributeName: string; AttributeType: 'S' | 'N' }[];
  readonly KeySchema: { AttributeName: string; KeyType: 'HASH' | 'RANGE' }[];
  readonly BillingMode: 'PAY_PER_REQUEST';
  readonly GlobalSecondaryIndexes: {
    IndexName: string;
    KeySchema: { AttributeName: string; KeyType: 'HASH' | 'RANGE' }[];
    Projection: { ProjectionType: 'KEYS_ONLY' };
  }[];
}

/**
 * The table that `dynamoDbFallbackStore` needs, for tests and for infrastructure code: one item per message, and one
 * index. The index holds keys only, so that what a message costs to change does not depend on its body.
 * @throws {ConfigurationError} when the table has no usable name.
 */
export function tableDefinition(options: { readonly tableName: string }): TableDefinition {
  requireOptions(tableChecks, options);
  const { tableName } = options;
  return {
    TableName: tableName,
    AttributeDefinitions: [
      { AttributeName: 'id', AttributeType: 'S' },
      { AttributeName: 'shard', AttributeType: 'S' },
      { AttributeName: 'dueAtMs', AttributeType: 'N' },
    ],
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    BillingMode: 'PAY_PER_REQUEST',
    GlobalSecondaryIndexes: [
      {
        IndexName: DUE_INDEX,
        KeySchema: [
          { AttributeName: 'shard', KeyType: 'HASH' },
          { AttributeName: 'dueAtMs', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
    ],
  };
}

/** What `UpdateTimeToLiveCommand` of `@aws-sdk/client-dynamodb` takes. */
export interface TimeToLiveDefinition {
  readonly TableName: string;
  readonly TimeToLiveSpecification: { readonly AttributeName: string; readonly Enabled: true };
}

/**
 * Lets DynamoDB remove what is done. `CreateTableCommand` cannot say it; send it once the table is active.
 * @throws {ConfigurationError} when the table has no usable name.
 */
export function timeToLiveDefinition(options: { readonly tableName: string }): TimeToLiveDefinition {
  requireOptions(tableChecks, options);
  const { tableName } = options;
  return {
    TableName: tableName,
    TimeToLiveSpecification: { AttributeName: 'expiresAtSeconds', Enabled: true },
  };
}

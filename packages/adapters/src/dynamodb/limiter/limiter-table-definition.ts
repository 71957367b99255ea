import { requireOptions } from '../../require-options.ts';
import { tableChecks } from '../option-checks.ts';

/** What `CreateTableCommand` of `@aws-sdk/client-dynamodb` takes. */
export interface LimiterTableDefinition {
  readonly TableName: string;
  readonly AttributeDefinitions: { AttributeName: string; AttributeType: 'S' }[];
  readonly KeySchema: { AttributeName: string; KeyType: 'HASH' }[];
  readonly BillingMode: 'PAY_PER_REQUEST';
}

/**
 * The table that `dynamoDbLimiter` needs, for tests and for infrastructure code: one item per key, one per message, no
 * index.
 * @throws {ConfigurationError} when the table has no usable name.
 */
export function limiterTableDefinition(options: { readonly tableName: string }): LimiterTableDefinition {
  requireOptions(tableChecks, options);
  return {
    TableName: options.tableName,
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    BillingMode: 'PAY_PER_REQUEST',
  };
}

export { dynamoDbFallbackStore, type DynamoDbFallbackStoreOptions } from './dynamodb-fallback-store.ts';
export {
  DUE_INDEX,
  tableDefinition,
  timeToLiveDefinition,
  type TableDefinition,
  type TimeToLiveDefinition,
} from './table.ts';
export type { DocumentClient } from './document-client.ts';

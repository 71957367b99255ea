export { dynamoDbLimiter, type DynamoDbLimiterOptions } from './dynamodb-limiter.ts';
export { limiterTableDefinition, type LimiterTableDefinition } from './limiter-table-definition.ts';
export { timeToLiveDefinition, type TimeToLiveDefinition } from '../table.ts';
export type { DocumentClient } from '../document-client.ts';

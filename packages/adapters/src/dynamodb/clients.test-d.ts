import type { CreateTableCommandInput, UpdateTimeToLiveCommandInput } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocument, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { FallbackStore } from '@huntaze/rate-limiter-client/contract';
import { expectTypeOf, it } from 'vitest';
import { dynamoDbFallbackStore, tableDefinition, timeToLiveDefinition } from './index.ts';

declare const client: DynamoDBDocumentClient;
declare const document: DynamoDBDocument;

it('makes a store of any document client', () => {
  expectTypeOf(dynamoDbFallbackStore({ client, tableName: 't' })).toEqualTypeOf<FallbackStore>();
  expectTypeOf(dynamoDbFallbackStore({ client: document, tableName: 't' })).toEqualTypeOf<FallbackStore>();
});

it('describes the table as the SDK wants it', () => {
  expectTypeOf(tableDefinition({ tableName: 't' })).toExtend<CreateTableCommandInput>();
  expectTypeOf(timeToLiveDefinition({ tableName: 't' })).toExtend<UpdateTimeToLiveCommandInput>();
});

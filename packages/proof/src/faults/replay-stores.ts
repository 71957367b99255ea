import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import {
  ConditionalCheckFailedException,
  CreateTableCommand,
  DeleteTableCommand,
  DynamoDBClient,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, ScanCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { dynamoDbFallbackStore, tableDefinition } from '@huntaze/rate-limiter-adapters/dynamodb';
import { prismaFallbackStore } from '@huntaze/rate-limiter-adapters/prisma';
import type { FallbackStore } from '@huntaze/rate-limiter-client';
import { dynamoDefaults, openTestPostgres } from '@huntaze/testkit';
import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from '../../../adapters/generated/postgresql/plain/client.ts';
import { throttled, type Throttling } from './throttled-dynamo.ts';

/** Where a store keeps its messages, as a process that opens it is told. */
export type StorePlace =
  | { readonly kind: 'postgresql'; readonly url: string }
  | {
      readonly kind: 'dynamodb';
      readonly endpoint: string;
      readonly tableName: string;
      readonly throttling: Throttling;
    };

/** Opens the store of a place. */
export function openStore(place: StorePlace): { store: FallbackStore; close(): Promise<void> } {
  if (place.kind === 'postgresql') {
    const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: place.url }) });
    return { store: prismaFallbackStore(prisma), close: () => prisma.$disconnect() };
  }
  const client = throttled(documentsOf(place.endpoint), place.throttling);
  const store = dynamoDbFallbackStore({ client, tableName: place.tableName });
  return { store, close: async () => client.destroy() };
}

/** An empty place of one's own, and a hand on the time there. */
export interface TestPlace {
  readonly place: StorePlace;
  /** Lets ten minutes pass for what is stored: every lease ends. */
  leasesEnd(): Promise<unknown>;
  close(): Promise<unknown>;
}

/** A database with the table. */
export async function postgresPlace(url: string): Promise<TestPlace> {
  const database = await openTestPostgres(url);
  const migration = new URL('../../../adapters/migrations/postgresql/migration.sql', import.meta.url);
  await database.sql(await readFile(migration, 'utf8'));
  return {
    place: { kind: 'postgresql', url: database.url },
    leasesEnd: () => database.sql(`UPDATE "OnlyFansMessage" SET "dueAtMs" = "dueAtMs" - 600000`),
    close: database.close,
  };
}

const unthrottled: Throttling = { refused: 0, of: 1, unit: 'requests' };

/** A table, with as much capacity as it needs or less. */
export async function dynamoPlace(endpoint: string, throttling = unthrottled): Promise<TestPlace> {
  const tableName = `replay-${randomUUID()}`;
  const dynamo = new DynamoDBClient({ endpoint, ...dynamoDefaults });
  const documents = documentsOf(endpoint);
  await dynamo.send(new CreateTableCommand(tableDefinition({ tableName })));
  const waiting = { client: dynamo, maxWaitTime: 10, minDelay: 0.05, maxDelay: 0.05 };
  await waitUntilTableExists(waiting, { TableName: tableName });
  return {
    place: { kind: 'dynamodb', endpoint, tableName, throttling },
    async leasesEnd() {
      const { Items = [] } = await documents.send(new ScanCommand({ TableName: tableName }));
      const pending = Items.filter(({ dueAtMs }) => dueAtMs !== undefined);
      for (const { id } of pending) {
        const update = new UpdateCommand({
          TableName: tableName,
          Key: { id: String(id) },
          UpdateExpression: 'SET dueAtMs = dueAtMs - :ms',
          ConditionExpression: 'attribute_exists(dueAtMs)',
          ExpressionAttributeValues: { ':ms': 600_000 },
        });
        // The last request of a process that was killed may be carried out meanwhile, and settle the message.
        await documents.send(update).catch((error: unknown) => {
          if (!(error instanceof ConditionalCheckFailedException)) throw error;
        });
      }
    },
    async close() {
      await dynamo.send(new DeleteTableCommand({ TableName: tableName }));
      documents.destroy();
      dynamo.destroy();
    },
  };
}

function documentsOf(endpoint: string): DynamoDBDocumentClient {
  return DynamoDBDocumentClient.from(new DynamoDBClient({ endpoint, ...dynamoDefaults }));
}

import type { Random } from '@huntaze/rate-limiter-client/contract';
import { storedLimiter, type StoredLimiterOptions } from '@huntaze/rate-limiter-lambda/stored';
import { readOptions } from '../../require-options.ts';
import type { DocumentClient } from '../document-client.ts';
import { dynamoDbStateStore } from './dynamodb-state-store.ts';
import { limiterOptionTable } from './option-checks.ts';

/** Where the limiter keeps what it knows, and the options of `storedLimiter`. */
export interface DynamoDbLimiterOptions extends Omit<StoredLimiterOptions, 'store'> {
  /** A `DynamoDBDocumentClient` of `@aws-sdk/lib-dynamodb`. */
  readonly client: DocumentClient;
  /** A table as `limiterTableDefinition` describes it. All processes that share limits name the same one. */
  readonly tableName: string;
  /** Source of jitter between repetitions of what DynamoDB had no capacity for. Default: the engine's generator. */
  readonly random?: Random;
}

/**
 * A limiter in a DynamoDB table. Any number of processes share its limits, and none goes over: every decision is one
 * conditional write, made again on what others wrote meanwhile. A table that is new, or was emptied, counts as used up for
 * one window; one that was restored from a backup does not know what was sent since.
 *
 * DynamoDB tells no exact time: clocks of hosts may differ by `clockSkewMs`, by which windows are kept longer.
 * @throws {ConfigurationError} with every problem of the options.
 * @throws {LimiterUnavailableError} from every method, when DynamoDB fails or has no capacity for `timeoutMs`.
 */
export function dynamoDbLimiter(options: DynamoDbLimiterOptions): ReturnType<typeof storedLimiter> {
  const { client, tableName, timeoutMs, clock, random } = readOptions(limiterOptionTable, options);
  const { client: _, tableName: __, random: ___, ...rest } = options;
  // A question is a read and a write: each gets half of the time.
  const patienceMs = timeoutMs / 2;
  return storedLimiter({
    ...rest,
    store: dynamoDbStateStore({ client, tableName, clock, random, patienceMs }),
  });
}

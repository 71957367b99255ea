import { inParallel } from '@huntaze/kit';
import type { Clock, FallbackStore, Ids, Random } from '@huntaze/rate-limiter-client/contract';
import { readOptions } from '../require-options.ts';
import type { DocumentClient } from './document-client.ts';
import { claimDue } from './claiming.ts';
import { shardsOf, type Standing } from './item.ts';
import { dynamoDbTable } from './option-checks.ts';
import { saveUnknown } from './saving.ts';
import { giveUp, remember, retry } from './settling.ts';
import { REQUESTS_AT_ONCE } from './requests.ts';
import { tableAccess, type TableAccess } from './table-access.ts';
import { tableTime } from './table-time.ts';

/** Where the messages are, and how long what is done is kept. */
export interface DynamoDbFallbackStoreOptions {
  /** A `DynamoDBDocumentClient` of `@aws-sdk/lib-dynamodb`. */
  readonly client: DocumentClient;
  /** A table as `tableDefinition` describes it. */
  readonly tableName: string;
  /**
   * Over how many partitions of the index messages are spread, from 1 to 256. Default 16: 16,000 messages per second.
   * All clients of a table need the same number; raising it later is safe, lowering it hides messages.
   */
  readonly shards?: number;
  /** How long a replayed message is remembered, so that storing it late changes nothing. Default 24 hours. */
  readonly rememberMs?: number;
  /** How long a dead message is kept. Default: until somebody removes it. */
  readonly keepDeadMs?: number;
  /**
   * Measures the time between answers of DynamoDB, and the pauses before a request is repeated. Its wall clock counts only
   * where the client hides the answers (a test double of `send`). Default: the system's clock.
   */
  readonly clock?: Clock;
  /** Source of fencing tokens. Default: UUIDs. */
  readonly ids?: Ids;
  /** Source of jitter, and of what a claim takes that came too late for the oldest. Default: the engine's generator. */
  readonly random?: Random;
}

/**
 * A fallback store in a DynamoDB table.
 *
 * Claims and settlements are conditional writes: of two claimers that found a message, one gets it, and only the
 * newest claim settles. So is storing a message whose id comes from the host: of those who store it, one does. Several
 * messages whose ids were made for them are stored with BatchWrite, which knows no conditions. It needs none, unless the
 * SDK repeats a request that DynamoDB had carried out: a claim in between is then lost, SQS gets the message twice, and
 * the handler delivers it once.
 * @throws {ConfigurationError} with every problem of the options.
 * @throws {RangeError} from `save` when an item would exceed DynamoDB's 400 KB, once the others are stored.
 * @throws {StoreUnavailableError} from every method, when a call of DynamoDB fails.
 */
export function dynamoDbFallbackStore(options: DynamoDbFallbackStoreOptions): FallbackStore {
  const { client, tableName, shards, rememberMs, keepDeadMs, clock, ids, random } = readOptions(
    dynamoDbTable,
    options,
  );
  const time = tableTime(clock);
  /** For one call of the store. */
  const openTable = (patience: { readonly patienceMs?: number } = {}) =>
    tableAccess({ client, tableName, time, clock, random, ...patience });

  const count = async (table: TableAccess, standing: Standing) => {
    const counts = await inParallel(shardsOf(standing, shards), REQUESTS_AT_ONCE, (shard) =>
      table.count(shard),
    );
    return counts.reduce((sum, one) => sum + one, 0);
  };

  return {
    async save(messages) {
      if (messages.length === 0) return;
      // A message that is stored with a wrong due time is better than one that is not, so this takes no time from it.
      const nowMs = await openTable({ patienceMs: 0 })
        .nowMs()
        .catch(() => time.nowMs() ?? Math.floor(clock.nowMs()));
      await saveUnknown(openTable(), messages, { shards, nowMs });
    },

    claim: ({ limit, leaseMs }) =>
      claimDue(openTable(), { limit, leaseMs, token: ids.next(), shards, random }),

    markReplayed: (claim) => remember(openTable(), claim, rememberMs),

    markFailed: (claim, failure) =>
      'dead' in failure
        ? giveUp(openTable(), claim, failure.error, { shards, keepDeadMs })
        : retry(openTable(), claim, failure),

    counts: async () => {
      const table = openTable();
      const [pending, dead] = await Promise.all([count(table, 'pending'), count(table, 'dead')]);
      return { pending, dead };
    },
  };
}

import { systemClock, systemRandom, uuidIds } from '@huntaze/rate-limiter-client/contract';
import type {
  Clock,
  FallbackStore,
  Ids,
  Random,
  StoredClaim,
  StoredFailure,
  StoredMessage,
} from '@huntaze/rate-limiter-client/contract';
import type { DocumentClient } from './document-client.ts';
import { inParallel, portionsOf } from './in-parallel.ts';
import {
  itemBytesOf,
  itemIdOf,
  MAX_ITEM_BYTES,
  messageOf,
  newItem,
  shardOf,
  shardsOf,
  type Item,
  type Standing,
} from './item.ts';
import { tableAccess, type IndexedItem, type TableAccess } from './table-access.ts';
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
   * Measures the time between answers of DynamoDB, and the pauses before it is asked again. Its wall clock counts only
   * where the client hides the answers (a test double of `send`). Default: the system's clock.
   */
  readonly clock?: Clock;
  /** Source of fencing tokens. Default: UUIDs. */
  readonly ids?: Ids;
  /** Source of jitter, and of what a claim takes that came too late for the oldest. Default: the engine's generator. */
  readonly random?: Random;
}

const DEFAULT_SHARDS = 16;
const DAY_MS = 86_400_000;

/** How many requests are under way at once. */
const REQUESTS_AT_ONCE = 25;

/** What one BatchWriteItem takes (DynamoDB: "Service quotas"). */
const MAX_WRITTEN_TOGETHER = 25;

/** How often a claim looks again because others took all that it had found. */
const MAX_LOOKS = 20;

/**
 * A fallback store in a DynamoDB table.
 *
 * Claims and settlements are conditional writes: of two claimers that found a message, one gets it, and only the
 * newest claim settles. So is storing a message whose id comes from the host: of those who store it, one does. Several
 * messages whose ids were made for them are stored with BatchWrite, which knows no conditions. It needs none, unless the
 * SDK repeats a request that DynamoDB had carried out: a claim in between is then lost, SQS gets the message twice, and
 * the handler delivers it once.
 * @throws {RangeError} from `save` when an item would exceed DynamoDB's 400 KB, once the others are stored.
 * @throws {StoreUnavailableError} from every method, when DynamoDB does not do what it is asked.
 */
export function dynamoDbFallbackStore({
  client,
  tableName,
  shards = DEFAULT_SHARDS,
  rememberMs = DAY_MS,
  keepDeadMs,
  clock = systemClock,
  ids = uuidIds,
  random = systemRandom,
}: DynamoDbFallbackStoreOptions): FallbackStore {
  const time = tableTime(clock);
  /** For one call of the store. */
  const openTable = () => tableAccess({ client, tableName, time, clock, random });

  /** Writes those items that are unknown: fresh ones at first without a look, what DynamoDB leaves of them with one. */
  const store = async (
    table: TableAccess,
    fresh: readonly Item[],
    others: readonly Item[],
  ): Promise<void> => {
    const portions = portionsOf(fresh, MAX_WRITTEN_TOGETHER);
    const left = await inParallel(portions, REQUESTS_AT_ONCE, table.putTogether);
    await inParallel([...left.flat(), ...others], REQUESTS_AT_ONCE, table.putNew);
  };

  /** The index may be behind: only the item itself says whether the message is still due. */
  const take = async (table: TableAccess, id: string, token: string, atMs: number, leaseMs: number) => {
    const taken = await table.change(id, {
      ConditionExpression: '#dueAtMs <= :atMs AND begins_with(#shard, :pending)',
      UpdateExpression: 'SET #dueAtMs = :untilMs, #claimToken = :token, #attempts = #attempts + :one',
      ExpressionAttributeValues: {
        ':atMs': atMs,
        ':untilMs': atMs + leaseMs,
        ':token': token,
        ':one': 1,
        ':pending': 'pending',
      },
    });
    if (!taken.met) return [];
    return [{ message: messageOf(taken.answer), token, attempt: taken.answer.attempts }];
  };

  /** Changes the claimed item, if the claim is the newest. */
  const settle = async (
    table: TableAccess,
    { message, token }: StoredClaim,
    update: string,
    values: Record<string, unknown>,
  ) => {
    const { met } = await table.change(itemIdOf(message), {
      ConditionExpression: '#claimToken = :token',
      UpdateExpression: update,
      ExpressionAttributeValues: { ':token': token, ...values },
    });
    return met;
  };

  const retry = async (
    table: TableAccess,
    claim: StoredClaim,
    failure: Exclude<StoredFailure, { dead: true }>,
  ) => {
    const { error, retryAfterMs, untried = false } = failure;
    return await settle(
      table,
      claim,
      'SET #dueAtMs = :dueAtMs, #error = :error, #attempts = #attempts - :uncounted REMOVE #claimToken',
      {
        ':dueAtMs': Math.round((await table.nowMs()) + retryAfterMs),
        ':error': error,
        ':uncounted': untried ? 1 : 0,
      },
    );
  };

  const giveUp = async (table: TableAccess, claim: StoredClaim, error: string) => {
    const nowMs = await table.nowMs();
    const expiry =
      keepDeadMs === undefined
        ? { update: '', values: {} }
        : {
            update: ', #expiresAtSeconds = :expiry',
            values: { ':expiry': toSeconds(nowMs + keepDeadMs) },
          };
    const shard = shardOf('dead', itemIdOf(claim.message), shards);
    return await settle(
      table,
      claim,
      `SET #shard = :shard, #dueAtMs = :nowMs, #error = :error${expiry.update} REMOVE #claimToken`,
      { ':shard': shard, ':nowMs': nowMs, ':error': error, ...expiry.values },
    );
  };

  const count = async (table: TableAccess, standing: Standing) => {
    const counts = await inParallel(shardsOf(standing, shards), REQUESTS_AT_ONCE, (shard) =>
      table.count(shard),
    );
    return counts.reduce((sum, one) => sum + one, 0);
  };

  return {
    async save(messages) {
      const unique = [
        ...new Map(
          messages
            .filter(fits)
            .toReversed()
            .map((message) => [itemIdOf(message), message] as const),
        ),
      ];
      if (unique.length > 0) {
        const table = openTable();
        // A message that is stored with a wrong due time is better than one that is not.
        const nowMs = await table.nowMs().catch(() => Math.floor(clock.nowMs()));
        const itemsOf = (entries: readonly (readonly [string, StoredMessage])[] = []) =>
          entries.map(([id, message]) => newItem(id, message, shards, nowMs));
        // A condition costs one message nothing, and holds even where the SDK repeats a request.
        const { fresh, others } = Object.groupBy(unique, ([, message]) =>
          message.fresh && unique.length > 1 ? 'fresh' : 'others',
        );
        await store(table, itemsOf(fresh), itemsOf(others));
      }
      const tooLong = messages.find((message) => !fits(message));
      if (tooLong) throw exceeds(tooLong);
    },

    async claim({ limit, leaseMs }) {
      const table = openTable();
      const token = ids.next();
      for (let look = 1; look <= MAX_LOOKS; look++) {
        const nowMs = await table.nowMs();
        const finding = gathering((shard: string) => table.due(shard, nowMs, limit));
        const found = await inParallel(shardsOf('pending', shards), REQUESTS_AT_ONCE, finding.work);
        const longestDue = found.flat().toSorted((a, b) => a.dueAtMs - b.dueAtMs);
        // Whoever came too late for all of the oldest does not race for them again.
        const chosen = (look === 1 ? longestDue : shuffled(longestDue, random)).slice(0, limit);
        const taking = gathering(({ id }: IndexedItem) => take(table, id, token, nowMs, leaseMs));
        const claims = (await inParallel(chosen, REQUESTS_AT_ONCE, taking.work)).flat();
        if (claims.length > 0) return claims;
        const [failure] = [...finding.failures, ...taking.failures];
        if (failure !== undefined) throw failure;
        if (found.flat().length === 0) break;
      }
      return [];
    },

    async markReplayed({ message, token, attempt }) {
      const table = openTable();
      return await table.replaceClaimed(
        {
          id: itemIdOf(message),
          storedAtMs: message.storedAtMs,
          attempts: attempt,
          expiresAtSeconds: toSeconds((await table.nowMs()) + rememberMs),
        },
        token,
      );
    },

    markFailed: (claim, failure) =>
      'dead' in failure ? giveUp(openTable(), claim, failure.error) : retry(openTable(), claim, failure),

    counts: async () => {
      const table = openTable();
      const [pending, dead] = await Promise.all([count(table, 'pending'), count(table, 'dead')]);
      return { pending, dead };
    },
  };
}

/**
 * Gathers what some requests give although others fail: what is taken and not given to the caller would be hidden for
 * its lease, with an attempt spent. After a failure nothing more is begun.
 */
function gathering<Given, One>(request: (given: Given) => Promise<readonly One[]>) {
  const failures: unknown[] = [];
  const work = async (given: Given): Promise<readonly One[]> => {
    if (failures.length > 0) return [];
    try {
      return await request(given);
    } catch (error) {
      failures.push(error);
      return [];
    }
  };
  return { work, failures };
}

function shuffled<One>(items: readonly One[], random: Random): readonly One[] {
  const drawn = items.map((item) => ({ item, lot: random.next() }));
  return drawn.toSorted((a, b) => a.lot - b.lot).map(({ item }) => item);
}

function toSeconds(ms: number): number {
  return Math.ceil(ms / 1_000);
}

function fits(message: StoredMessage): boolean {
  return itemBytesOf(message) <= MAX_ITEM_BYTES;
}

function exceeds(message: StoredMessage): RangeError {
  return new RangeError(
    `expected a message within DynamoDB's ${MAX_ITEM_BYTES} bytes per item, found ${itemBytesOf(message)} (id ${message.id}): keep payloads smaller, for example by sending references, or use a store on SQL`,
  );
}

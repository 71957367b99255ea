import { inParallel } from '@huntaze/kit';
import type { Random, StoredClaim } from '@huntaze/rate-limiter-client/contract';
import { messageOf, shardsOf } from './item.ts';
import { REQUESTS_AT_ONCE } from './requests.ts';
import type { IndexedItem, TableAccess } from './table-access.ts';

/** How often a claim looks again because others took all that it had found. */
const MAX_LOOKS = 20;

/** What one call of `claim` is about. */
export interface Claiming {
  readonly limit: number;
  readonly leaseMs: number;
  /** Of all messages that it takes. */
  readonly token: string;
  readonly shards: number;
  readonly random: Random;
}

/**
 * Takes the messages that are the longest due, in the order of all shards. It returns the claims it has, even when
 * DynamoDB fails for the rest: a message that is claimed and not returned would be hidden for its lease, with an attempt
 * spent.
 * @throws {StoreUnavailableError} when it got nothing because DynamoDB failed.
 */
export async function claimDue(table: TableAccess, claiming: Claiming): Promise<readonly StoredClaim[]> {
  const { limit, leaseMs, token, shards, random } = claiming;
  for (let look = 1; look <= MAX_LOOKS; look++) {
    const atMs = await table.nowMs();
    const found = await gather(shardsOf('pending', shards), (shard) => table.due(shard, atMs, limit));
    const due = found.results.toSorted((a, b) => a.dueAtMs - b.dueAtMs);
    // A process that came too late for all of the oldest does not race for them again.
    const chosen = (look === 1 ? due : shuffled(due, random)).slice(0, limit);
    const taken = await gather(chosen, ({ id }) => take(table, id, { token, atMs, leaseMs }));
    if (taken.results.length > 0) return taken.results;
    const failure = found.failure ?? taken.failure;
    if (failure) throw failure;
    if (due.length === 0) break;
  }
  return [];
}

/** The index may be behind: only the item itself says whether the message is still due. */
async function take(
  table: TableAccess,
  id: IndexedItem['id'],
  { token, atMs, leaseMs }: { readonly token: string; readonly atMs: number; readonly leaseMs: number },
): Promise<readonly StoredClaim[]> {
  const taken = await table.change(id, {
    ConditionExpression: '#dueAtMs <= :atMs AND begins_with(#shard, :pending)',
    UpdateExpression: 'SET #dueAtMs = :untilMs, #claimToken = :token, #attempts = #attempts + :one',
    ExpressionAttributeValues: {
      ':atMs': atMs,
      ':untilMs': Math.round(atMs + leaseMs),
      ':token': token,
      ':one': 1,
      ':pending': 'pending',
    },
  });
  if (!taken.met) return [];
  return [{ message: messageOf(taken.answer), token, attempt: taken.answer.attempts }];
}

/** What the requests for all of these give together, and the first error. After an error no further one is begun. */
async function gather<Given, One>(
  all: readonly Given[],
  request: (given: Given) => Promise<readonly One[]>,
): Promise<{ readonly results: readonly One[]; readonly failure: Error | undefined }> {
  let failure: Error | undefined;
  const results = await inParallel(all, REQUESTS_AT_ONCE, async (given) => {
    if (failure) return [];
    try {
      return await request(given);
    } catch (error) {
      failure ??= error as Error;
      return [];
    }
  });
  return { results: results.flat(), failure };
}

function shuffled<One>(items: readonly One[], random: Random): readonly One[] {
  const drawn = items.map((item) => ({ item, lot: random.next() }));
  return drawn.toSorted((a, b) => a.lot - b.lot).map(({ item }) => item);
}

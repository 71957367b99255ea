import { messageIdentity } from '@huntaze/kit';
import type { StoredClaim, StoredFailure } from '@huntaze/rate-limiter-client/contract';
import { shardOf } from './item.ts';
import type { TableAccess } from './table-access.ts';

/** Forgets all of a replayed message but that there was one. @returns whether the claim is the newest. */
export async function remember(
  table: TableAccess,
  { message, token, attempt }: StoredClaim,
  rememberMs: number,
): Promise<boolean> {
  const item = {
    id: messageIdentity(message),
    storedAtMs: message.storedAtMs,
    attempts: attempt,
    expiresAtSeconds: toSeconds((await table.nowMs()) + rememberMs),
  };
  return await table.replaceClaimed(item, token);
}

/** Lets a message wait for its next replay. @returns whether the claim is the newest. */
export async function retry(
  table: TableAccess,
  claim: StoredClaim,
  { error, retryAfterMs, untried }: Exclude<StoredFailure, { readonly dead: true }>,
): Promise<boolean> {
  const update =
    'SET #dueAtMs = :dueAtMs, #error = :error, #attempts = #attempts - :uncounted REMOVE #claimToken';
  return await settle(table, claim, update, {
    ':dueAtMs': Math.round((await table.nowMs()) + retryAfterMs),
    ':error': error,
    ':uncounted': untried ? 1 : 0,
  });
}

/** Puts a message among the dead. @returns whether the claim is the newest. */
export async function giveUp(
  table: TableAccess,
  claim: StoredClaim,
  error: string,
  { shards, keepDeadMs }: { readonly shards: number; readonly keepDeadMs: number | undefined },
): Promise<boolean> {
  const nowMs = await table.nowMs();
  const expires = keepDeadMs === undefined ? '' : ', #expiresAtSeconds = :expiry';
  const update = `SET #shard = :shard, #dueAtMs = :nowMs, #error = :error${expires} REMOVE #claimToken`;
  return await settle(table, claim, update, {
    ':shard': shardOf('dead', messageIdentity(claim.message), shards),
    ':nowMs': nowMs,
    ':error': error,
    ...(keepDeadMs !== undefined && { ':expiry': toSeconds(nowMs + keepDeadMs) }),
  });
}

async function settle(
  table: TableAccess,
  { message, token }: StoredClaim,
  update: string,
  values: Readonly<Record<string, unknown>>,
): Promise<boolean> {
  const { met } = await table.change(messageIdentity(message), {
    ConditionExpression: '#claimToken = :token',
    UpdateExpression: update,
    ExpressionAttributeValues: { ':token': token, ...values },
  });
  return met;
}

function toSeconds(ms: number): number {
  return Math.ceil(ms / 1_000);
}

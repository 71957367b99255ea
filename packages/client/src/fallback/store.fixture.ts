import type { FallbackStore, StoredClaim, StoredFailure, StoredMessage } from '../contract/index.ts';

/** A store that remembers what it was asked, and claims what a test has put into it. */
export function scriptedStore(stored: readonly StoredClaim[] = []) {
  const saved: (readonly StoredMessage[])[] = [];
  const claims: { limit: number; leaseMs: number }[] = [];
  const replayed: string[] = [];
  const failed: (StoredFailure & { readonly id: string })[] = [];
  const lost = new Set<string>();
  const left = [...stored];
  const store: FallbackStore = {
    save: async (messages) => void saved.push(messages),
    async claim(request) {
      claims.push(request);
      return left.splice(0, request.limit);
    },
    async markReplayed({ message, token }) {
      if (lost.has(token)) return false;
      replayed.push(message.id);
      return true;
    },
    async markFailed({ message, token }, failure) {
      if (lost.has(token)) return false;
      failed.push({ id: message.id, ...failure });
      return true;
    },
    counts: async () => ({
      pending: left.length + failed.filter((failure) => !('dead' in failure)).length,
      dead: failed.filter((failure) => 'dead' in failure).length,
    }),
  };
  return { store, saved, claims, replayed, failed, lost };
}

/** What a store gives for a message that waits in it. */
export function claimOf(
  id: string,
  overrides: Partial<StoredMessage> & { attempt?: number } = {},
): StoredClaim {
  const { attempt = 1, ...message } = overrides;
  return {
    message: { id, key: 'k', body: `{"id":"${id}"}`, storedAtMs: 0, error: 'down', ...message },
    token: `token-${id}`,
    attempt,
  };
}

import type { Clock } from '@huntaze/rate-limiter-client/contract';
import type { Naming } from '../identity.ts';
import { US_PER_MS } from '../limits/rules.ts';
import { PAUSE_MEMORY_MS, type LimiterOperations, type OfQueue } from '../operations.ts';
import type { KeyAccess } from './key-access.ts';

/** What operators ask of a stored limiter. */
export function storedOperations(
  clock: Clock,
  names: Naming,
  { look, change, answer }: KeyAccess,
): LimiterOperations {
  const after = (atUs: number) => (instantUs: number) =>
    clock.nowMs() + Math.ceil((instantUs - atUs) / US_PER_MS);
  const accountOf = (key: string, of?: OfQueue) => names.account(names.byOperator(key, of));
  const pauseFor = (account: string, ms: number) =>
    change(account, { ids: [] }, (state, clockUs) => state.pause(ms * US_PER_MS, clockUs));
  return {
    async inspect(key, of) {
      const looking = look(accountOf(key, of), { ids: [] }, (state, clockUs) =>
        state.inspect(clockUs, after),
      );
      return await answer('inspect', looking);
    },
    async find(key, id, of) {
      const { account, message } = names.messageByOperator(key, id, of);
      const looking = look(account, { ids: [message] }, (state, clockUs) =>
        state.find(message, clockUs, after),
      );
      return await answer('find', looking);
    },
    async pause(key, of) {
      await answer('pause', pauseFor(accountOf(key, of), PAUSE_MEMORY_MS));
    },
    async resume(key, of) {
      await answer('resume', pauseFor(accountOf(key, of), 0));
    },
    async cancel(key, id, of) {
      const { account, message } = names.messageByOperator(key, id, of);
      const cancelling = change(account, { ids: [message] }, (state, clockUs) =>
        state.cancel(message, clockUs),
      );
      return await answer('cancel', cancelling);
    },
  };
}

import { errorMessage } from '@huntaze/kit';
import type { Logger } from '@huntaze/rate-limiter-client/contract';
import type { Claim, Claimed, Limiter, Settlement } from '../limiter/limiter.ts';
import type { ReceivedMessage } from '../message/received.ts';
import { joinSameTurn } from './same-turn.ts';

/** A settlement without the claim that it settles. */
export type SettledAs = Settlement extends infer S
  ? S extends Settlement
    ? Omit<S, keyof Claimed>
    : never
  : never;

/**
 * The settlements of a handler. Those of one key and one policy that end in the same turn, whatever their batches, share a
 * call.
 */
export interface Settlements {
  /**
   * Records what became of a claimed message. Never rejects: a lost settlement costs a later duplicate its recognition,
   * not the message.
   */
  settle(queue: string, received: ReceivedMessage, claim: Pick<Claim, 'token'>, as: SettledAs): Promise<void>;
}

interface SettlementSettings {
  readonly limiter: Pick<Limiter, 'settle'>;
  readonly logger: Logger;
}

interface Item {
  readonly queue: string;
  readonly received: ReceivedMessage;
  readonly settlement: Settlement;
}

export function openSettlements({ limiter, logger }: SettlementSettings): Settlements {
  const settleAll = async (items: readonly [Item, ...Item[]]) => {
    const { queue, received } = items[0];
    const { limits, marginMs } = received.policy;
    const settlements = items.map(({ settlement }) => settlement);
    return await limiter.settle({ key: received.message.key, queue, limits, marginMs, settlements });
  };
  const join = joinSameTurn(settleAll);
  return {
    async settle(queue, received, { token }, as) {
      const { key, id, life } = received.message;
      const { limits, marginMs, cost } = received.policy;
      const settlement = { id, life, token, ...(cost > 1 && { cost }), ...as };
      try {
        const recorded = await join(JSON.stringify([queue, key, limits, marginMs]), {
          queue,
          received,
          settlement,
        });
        if (!recorded)
          logger.warn({ messageId: id, ...as }, 'the claim was lost before its outcome was recorded');
      } catch (error) {
        logger.error(
          { messageId: id, ...as, error: errorMessage(error) },
          'an outcome could not be recorded',
        );
      }
    },
  };
}

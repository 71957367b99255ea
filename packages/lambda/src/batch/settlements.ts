import { errorMessage } from '@huntaze/kit';
import type { Logger } from '@huntaze/rate-limiter-client/contract';
import type { Claim, Limiter, SettledAs, Settlement } from '../limiter/limiter.ts';
import type { ReceivedMessage } from '../message/received.ts';
import { joinSameTurn } from './same-turn.ts';

export type Settlements = ReturnType<typeof openSettlements>;

interface SettlementSettings {
  readonly limiter: Pick<Limiter, 'settle'>;
  readonly logger: Logger;
}

interface Item {
  readonly queue: string;
  readonly received: ReceivedMessage;
  readonly settlement: Settlement;
}

/**
 * The settlements of a handler. Those of one key and one policy that end in the same turn, whatever their batches, share a
 * call.
 */
export function openSettlements({ limiter, logger }: SettlementSettings) {
  const settleAll = async (items: readonly [Item, ...Item[]]) => {
    const { queue, received } = items[0];
    const { limits, marginMs } = received.policy;
    const settlements = items.map(({ settlement }) => settlement);
    return await limiter.settle({ key: received.message.key, queue, limits, marginMs, settlements });
  };
  const join = joinSameTurn(settleAll);
  return {
    /**
     * Records what became of a claimed message. Never rejects: a lost settlement costs a later duplicate its recognition,
     * not the message.
     */
    async settle(
      queue: string,
      received: ReceivedMessage,
      { token }: Pick<Claim, 'token'>,
      as: SettledAs,
    ): Promise<void> {
      const { key, id, life } = received.message;
      const { limits, marginMs, cost } = received.policy;
      const settlement = { id, life, token, ...(cost > 1 && { cost }), ...as };
      try {
        const subject = JSON.stringify([queue, key, limits, marginMs]);
        const recorded = await join(subject, { queue, received, settlement });
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

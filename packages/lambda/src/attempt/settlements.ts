import type { Claim, Claimed, Settlement } from '../limiter/limiter.ts';
import type { Settings } from '../options.ts';
import { messageOf } from '../thrown.ts';
import type { Terms } from '../message/admission-policy.ts';

/** A settlement without the claim that it settles. */
export type Outcome = Settlement extends infer S
  ? S extends Settlement
    ? Omit<S, keyof Claimed>
    : never
  : never;

/**
 * Records what became of a claimed message. Never throws: a settlement that is lost costs a later duplicate its
 * recognition, not the message.
 */
export async function settle(
  { limiter, logger }: Settings,
  { limits, marginMs, cost }: Terms,
  { key, queue, id, life, token }: Pick<Claim, 'key' | 'queue' | 'id' | 'life' | 'token'>,
  outcome: Outcome,
): Promise<void> {
  try {
    const [recorded] = await limiter.settle({
      key,
      queue,
      limits,
      marginMs,
      settlements: [{ id, life, token, ...(cost > 1 && { cost }), ...outcome }],
    });
    if (!recorded)
      logger.warn({ messageId: id, ...outcome }, 'the claim was lost before its outcome was recorded');
  } catch (error) {
    logger.error({ messageId: id, ...outcome, error: messageOf(error) }, 'an outcome could not be recorded');
  }
}

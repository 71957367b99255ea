import { errorMessage } from '@huntaze/kit';
import type { Logger } from '@huntaze/rate-limiter-client/contract';

/** A message about which the limiter did not decide. */
export interface LimiterOutage {
  readonly error: unknown;
  /** The consequence: the message is parked, or this process decides alone. */
  readonly leadsTo: 'parking' | 'local share';
}

/** Reports the outages of one batch, one per message, in one log line. */
export function reportOutages(logger: Logger, outages: readonly LimiterOutage[]): void {
  const [first] = outages;
  if (!first) return;
  const parked = outages.some(({ leadsTo }) => leadsTo === 'parking');
  logger.error(
    { messages: outages.length, error: errorMessage(first.error) },
    `the limiter is unavailable: ${parked ? 'messages are parked' : 'this process admits its share alone'}`,
  );
}

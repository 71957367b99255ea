import type { Logger } from '@huntaze/rate-limiter-client/contract';
import { messageOf } from '../thrown.ts';

/** A question that the limiter did not answer. */
export interface LimiterOutage {
  readonly messages: number;
  readonly error: unknown;
  /** What its messages meet: parking, or the decision of this process alone. */
  readonly leadsTo: 'parking' | 'local share';
}

/** Tells of the outages of one batch in one log line. */
export function reportOutages(logger: Logger, outages: readonly LimiterOutage[]): void {
  const [first] = outages;
  if (!first) return;
  const messages = outages.reduce((sum, outage) => sum + outage.messages, 0);
  const parked = outages.some(({ leadsTo }) => leadsTo === 'parking');
  logger.error(
    { messages, error: messageOf(first.error) },
    `the limiter is unavailable: ${parked ? 'messages are parked' : 'this process admits its share alone'}`,
  );
}

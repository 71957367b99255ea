import { QueueUnavailableError } from '../contract/index.ts';
import type { Failed } from '../transport/transport.ts';

/** The failure of a message that was in no request, because the breaker is open. */
export function whileOpen(probeInMs: number): Failed {
  const next = probeInMs > 0 ? `in ${Math.ceil(probeInMs / 1_000)} s` : 'now';
  return {
    ...unavailable(
      `expected SQS to be reachable, found the breaker open after failures in a row: the message was not sent; the next try is ${next}`,
    ),
    untried: true,
  };
}

/** The failure of a message whose request had no answer in time. */
export function unanswered(withinMs: number): Failed {
  return unavailable(
    `expected an answer of SQS within ${withinMs} ms, found none: it may be queued or not, so send it again only with the same id`,
  );
}

function unavailable(message: string): Failed {
  return { kind: 'failed', verdict: 'unavailable', error: new QueueUnavailableError(message) };
}

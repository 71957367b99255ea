import { isFifo, withTimeout } from '@huntaze/kit';
import type { Clock, FallbackStore, GuardedPorts, Random } from '../contract/index.ts';
import type { OnClientEvent } from '../queue/client-events.ts';
import { openBreaker, type BreakerOptions, type BreakerState } from '../queue/breaker.ts';
import type { RequestOutcome, Sender } from '../queue/outgoing.ts';
import { isOutage, withRetries, type RetryPolicy } from '../queue/queue-sender.ts';
import { sqsRequests } from '../queue/sqs-requests.ts';
import type { Sqs } from '../queue/sqs.ts';
import { withFallback, type StoredInstead } from './fallback-sender.ts';
import type { StoreInTime } from './store-call.ts';

/** The ways of a message out of the process, and the breaker that both share. */
export type Senders = ReturnType<typeof openSenders>;

/** What {@link openSenders} works with. */
export interface SendersOptions {
  readonly sqs: Sqs;
  readonly queueUrl: string;
  readonly fairQueue: boolean;
  readonly fallbackStore: FallbackStore | undefined;
  readonly retry: Pick<RetryPolicy, 'maxAttempts' | 'initialDelayMs' | 'maxDelayMs'>;
  readonly breaker: Pick<BreakerOptions<never>, 'failureThreshold' | 'halfOpenAfterMs'>;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly onEvent: OnClientEvent;
  readonly ports: GuardedPorts;
}

/** Composes requests, policies and fallback, once for a client. */
export function openSenders(options: SendersOptions) {
  const { sqs, queueUrl, fairQueue, clock, random, retry, timeoutMs, fallbackStore, ports } = options;
  const breaker = openBreaker<readonly RequestOutcome[]>({
    ...options.breaker,
    clock,
    isFailure: isOutage,
    onChange: (state) => reportChange(state, options),
  });
  const requests = sqsRequests({ sqs, queueUrl, fairQueue, clock, logger: ports.logger });
  const queueSender = withRetries(requests, { ...retry, timeoutMs, breaker, clock, random });
  /** Bounds a call of the fallback store. */
  const storeInTime: StoreInTime = (call) => withTimeout({ clock, timeoutMs: STORE_TIMEOUT_MS }, call);
  const fallback = fallbackStore && {
    store: fallbackStore,
    clock,
    inTime: storeInTime,
    keepsOrder: isFifo(queueUrl),
    onStored: (stored: StoredInstead) => reportStored(stored, options),
    onStoreFailure: (messages: number, error: string) =>
      ports.logger.error(
        { messages, error },
        'the fallback store did not keep messages that SQS did not take',
      ),
  };
  /** To SQS, or else to the fallback store, if there is one. */
  const sender: Sender = fallback ? withFallback(queueSender, fallback) : queueSender;
  return { breaker, queueSender, sender, storeInTime };
}

/** How long a call of the fallback store may take. */
const STORE_TIMEOUT_MS = 5_000;

function reportChange(
  state: BreakerState,
  { queueUrl, onEvent, ports: { logger, metrics } }: SendersOptions,
): void {
  if (state === 'open') {
    metrics.record('BreakerOpened', 1);
    logger.error({ queueUrl, breaker: state }, 'the breaker opened: SQS failed again and again');
  } else logger.info({ queueUrl, breaker: state }, 'the breaker changed');
  onEvent({ kind: 'breaker', state });
}

function reportStored(
  stored: StoredInstead,
  { queueUrl, onEvent, ports: { logger, metrics } }: SendersOptions,
): void {
  metrics.record('MessagesStored', stored.length);
  const [[, { error }]] = stored as [StoredInstead[number]];
  logger.warn(
    { queueUrl, messages: stored.length, error: error.message },
    'the fallback store keeps messages that SQS did not confirm',
  );
  for (const [{ key, id: messageId }, failure] of stored)
    onEvent({ kind: 'stored', key, messageId, reason: failure.error.message });
}

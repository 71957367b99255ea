import type { GuardedPorts } from './contract/index.ts';
import type { StoreInTime } from './fallback/store-call.ts';
import { withFallback } from './fallback/with-fallback.ts';
import type { ResolvedOptions } from './resolve-options.ts';
import { breaker, type Breaker, type BreakerState } from './policies/breaker.ts';
import { isOutage, persistently } from './policies/carrier.ts';
import { isFifo, withTimeout } from '@huntaze/kit';
import { sqsTransport } from './transport/sqs-transport.ts';
import type { Sqs } from './transport/sqs.ts';
import type { Carrier, Outcome } from './transport/transport.ts';

/** The ways of a message out of the process, and the breaker that all of them share. */
export interface Carriers {
  readonly breaker: Breaker<readonly Outcome[]>;
  /** To SQS and nowhere else. */
  readonly toQueue: Carrier;
  /** To SQS, or else to the fallback store, if there is one. */
  readonly anywhere: Carrier;
  /** Bounds a call of the fallback store. */
  readonly storeInTime: StoreInTime;
}

/** What {@link openCarriers} works with. */
export interface CarriersOptions {
  readonly sqs: Sqs;
  readonly options: ResolvedOptions;
  readonly ports: GuardedPorts;
}

/** Composes transport, policies and fallback, once for a client. */
export function openCarriers({ sqs, options, ports }: CarriersOptions): Carriers {
  const { queueUrl, clock, random, retry, timeoutMs, fallbackStore } = options;
  const circuit = breaker<readonly Outcome[]>({
    ...options.breaker,
    clock,
    isFailure: isOutage,
    onChange: (state) => tellChange(state, options, ports),
  });
  const transport = sqsTransport({ sqs, queueUrl, clock, logger: ports.logger });
  const toQueue = persistently(transport, { ...retry, timeoutMs, breaker: circuit, clock, random });
  const storeInTime: StoreInTime = (call) => withTimeout({ clock, timeoutMs: STORE_TIMEOUT_MS }, call);
  if (!fallbackStore) return { breaker: circuit, toQueue, anywhere: toQueue, storeInTime };
  const anywhere = withFallback(toQueue, {
    store: fallbackStore,
    clock,
    inTime: storeInTime,
    keepsOrder: isFifo(queueUrl),
    onStored: (stored) => tellStored(stored, options, ports),
    onStoreFailure: (messages, error) =>
      ports.logger.error(
        { messages, error },
        'the fallback store did not keep messages that SQS did not take',
      ),
  });
  return { breaker: circuit, toQueue, anywhere, storeInTime };
}

/** How long a call of the fallback store may take. */
const STORE_TIMEOUT_MS = 5_000;

function tellChange(
  state: BreakerState,
  { queueUrl, onEvent }: ResolvedOptions,
  { logger, metrics }: GuardedPorts,
): void {
  if (state === 'open') {
    metrics.record('BreakerOpened', 1);
    logger.error({ queueUrl, breaker: state }, 'the breaker opened: SQS failed again and again');
  } else logger.info({ queueUrl, breaker: state }, 'the breaker changed');
  onEvent({ kind: 'breaker', state });
}

function tellStored(
  stored: Parameters<Parameters<typeof withFallback>[1]['onStored']>[0],
  { queueUrl, onEvent }: ResolvedOptions,
  { logger, metrics }: GuardedPorts,
): void {
  metrics.record('MessagesStored', stored.length);
  const [[, { error }]] = stored as [(typeof stored)[number]];
  logger.warn(
    { queueUrl, messages: stored.length, error: error.message },
    'the fallback store keeps messages that SQS did not confirm',
  );
  for (const [{ key, id: messageId }, failure] of stored)
    onEvent({ kind: 'stored', key, messageId, reason: failure.error.message });
}

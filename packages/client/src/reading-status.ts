import type { Carriers } from './carriers.ts';
import type { GuardedPorts } from './contract/index.ts';
import { nameOf } from './fallback/store-call.ts';
import type { ResolvedOptions } from './resolve-options.ts';
import type { Routing } from './routing.ts';
import { statusReader, type ClientStatus } from './status.ts';
import { readQueueCounts } from './transport/queue-counts.ts';
import type { Sqs } from './transport/sqs.ts';

/** What {@link openStatus} works with. */
export interface OpenStatusParts {
  readonly sqs: Sqs;
  readonly carriers: Carriers;
  readonly routing: Routing;
  readonly options: ResolvedOptions;
  readonly ports: GuardedPorts;
}

/** Composes the status, once for a client. */
export function openStatus({ sqs, carriers, routing, options, ports }: OpenStatusParts) {
  const { queueUrl, deadLetterQueueUrl, fallbackStore, timeoutMs, clock } = options;
  const { logger } = ports;
  const readCounts = (url: string) => readQueueCounts({ sqs, logger, clock, timeoutMs }, url);

  async function readFallback(): Promise<ClientStatus['fallback']> {
    if (!fallbackStore) return { unavailable: 'no fallbackStore was given' };
    try {
      const { pending, dead } = await carriers.storeInTime(() => fallbackStore.counts());
      return { pending, dead };
    } catch (error) {
      const reason = nameOf(error);
      logger.warn({ queueUrl, error: reason }, 'the fallback store could not be counted');
      return { unavailable: reason };
    }
  }

  return statusReader(
    {
      queue: () => readCounts(queueUrl),
      deadLetters: async () =>
        deadLetterQueueUrl === undefined
          ? { unavailable: 'no deadLetterQueueUrl was given' }
          : await readCounts(deadLetterQueueUrl),
      fallback: readFallback,
      enabled: () => routing.enabled.status(),
      rolloutPercent: () => routing.rolloutPercent.status(),
    },
    { breaker: carriers.breaker.state, clock },
  );
}

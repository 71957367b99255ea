import type { Message } from '@aws-sdk/client-sqs';
import type { MappingConfiguration } from './configuration.ts';
import { SQS_BATCH_SIZE, type MappingQueue } from './queue.ts';

/** Messages that one invocation will get. */
export interface GatheredBatch {
  readonly messages: readonly Message[];
  /** When the first of them was received, on `performance.now()`'s clock. */
  readonly receivedAtMs: number;
}

/** When to end early. */
export interface GatherSignals {
  /** No further receive is made; the one under way ends by itself. */
  readonly stopping: AbortSignal;
  /** The receive under way is cut off. */
  readonly abandoned: AbortSignal;
}

/**
 * Receives one batch: until it is full, the batching window since its first message is over, or, without a
 * window, as soon as there is something. Empty when nothing came. SQS waits whole seconds, so a window may
 * end up to a second late.
 * @throws when the first receive fails. A later failure ends the batch with what it has.
 */
export async function gatherBatch(
  queue: MappingQueue,
  { batchSize, batchingWindowMs, pollWaitSeconds }: Required<MappingConfiguration>,
  { stopping, abandoned }: GatherSignals,
): Promise<GatheredBatch> {
  const receive = (missing: number, waitSeconds: number) =>
    queue.receive(Math.min(missing, SQS_BATCH_SIZE), waitSeconds, abandoned);
  const messages = [...(await receive(batchSize, pollWaitSeconds))];
  const receivedAtMs = performance.now();
  while (messages.length > 0 && messages.length < batchSize && !stopping.aborted) {
    const remainingMs = receivedAtMs + batchingWindowMs - performance.now();
    if (remainingMs <= 0) break;
    const waitSeconds = Math.min(pollWaitSeconds, Math.ceil(remainingMs / 1_000));
    const more = await receive(batchSize - messages.length, waitSeconds).catch(() => undefined);
    if (more === undefined) break;
    messages.push(...more);
  }
  return { messages, receivedAtMs };
}

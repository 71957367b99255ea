import { isFifo } from '@huntaze/kit';
import { lazyBatchRun, type BatchRun } from './batch/batch-run.ts';
import { orderedResults } from './batch/ordered-results.ts';
import { lazySource } from './batch/source.ts';
import { guardPorts, isQueueUnavailableError, QueueUnavailableError } from './contract/index.ts';
import type { JsonValue, PayloadInput, PayloadSchema } from './contract/index.ts';
import type { ReplayLoop, ReplayLoopOptions } from './fallback/replay-loop.ts';
import type { ReplayOptions, ReplayResult } from './fallback/replay.ts';
import { openReplaying } from './fallback/replaying.ts';
import { openSenders } from './fallback/senders.ts';
import { openLifecycle } from './queue/lifecycle.ts';
import type { ClientOptions } from './options.ts';
import { openSqs } from './queue/sqs.ts';
import { openRollout } from './rollout/rollout.ts';
import { openBypass } from './send/bypass.ts';
import { coalescer } from './send/coalesce.ts';
import { dispatcher, queueResults } from './send/dispatch.ts';
import type { BatchResult, NewMessage, SendResult } from './send/messages.ts';
import { preparation, type Prepared, type Ready } from './send/prepare.ts';
import { resolveOptions } from './settings.ts';
import { openStatus, type ClientStatus } from './status.ts';

/** Queues messages for a rate-limited API. Made by {@link createRateLimiterClient}. */
export interface RateLimiterClient<Payload> {
  /**
   * Queues one message. The payload is read at once: it may change as soon as the call returned.
   * @throws {PayloadError} when the message is invalid or larger than 1 MiB, with every problem; nothing was sent.
   * @throws {QueueUnavailableError} when SQS did not confirm it: it may be queued or not.
   * @throws {QueueRejectedError} when SQS refused it and would again: permissions, no such queue.
   * @throws {BypassError} when your own `bypass` threw.
   * @throws {ClientClosedError} after `close`.
   */
  send(message: NewMessage<Payload>): Promise<SendResult>;

  /**
   * Queues many messages, ten to a request, several requests at once, in bounded memory. Does nothing
   * until the {@link BatchRun} is awaited or iterated. A message that cannot be queued is a `rejected`
   * result and stops no other.
   * @throws {TypeError} when `messages` cannot be iterated.
   * @throws {ClientClosedError} after `close`; a run that `close` interrupts rejects with it, and then what
   * has no result was not sent.
   */
  batch(messages: Iterable<NewMessage<Payload>> | AsyncIterable<NewMessage<Payload>>): BatchRun;

  /**
   * Sends the messages that are due in the fallback store to SQS, oldest first, and ends: for a cron. Safe to run in several
   * places at once.
   * @throws {StoreUnavailableError} when nothing could be claimed from the store. A failure after the first claim is in the result instead.
   * @throws {ConfigurationError} without a `fallbackStore`.
   * @throws {ClientClosedError} after `close`.
   */
  replay(options?: ReplayOptions): Promise<ReplayResult>;

  /**
   * Replays now and every `everyMs`, until it is stopped or the client closed: for servers. Does not keep the
   * process alive.
   * @throws {ConfigurationError} without a `fallbackStore`.
   * @throws {ClientClosedError} after `close`.
   */
  startReplay(options: ReplayLoopOptions): ReplayLoop;

  /**
   * Counts the messages of the queue and its dead letters. An outage is part of the status, never thrown.
   * @throws {ClientClosedError} after `close`.
   */
  status(): Promise<ClientStatus>;

  /**
   * Lets nothing new start, waits for what is under way, leaves the sources of batches, also one that never answers, hands
   * over metrics that are still kept, and closes the SQS client unless it is yours.
   * Every call returns the same promise.
   */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Makes a client for one queue. The type of the payloads follows from `payload`.
 * @throws {ConfigurationError} when options are missing or wrong, with every problem.
 */
export function createRateLimiterClient<Schema extends PayloadSchema = PayloadSchema<JsonValue>>(
  options: ClientOptions<Schema>,
): RateLimiterClient<PayloadInput<Schema>> {
  const settings = resolveOptions(options);
  const { payload, bypass, batchConcurrency, clock } = settings;
  const ports = guardPorts(settings);
  const { logger, metrics, tracer } = ports;
  const { client: sqs, release } = openSqs(settings.sqs, settings.region);
  const lifecycle = openLifecycle(async () => {
    release();
    await metrics.flush();
  });

  const rollout = openRollout({ ...settings, logger });
  const senders = openSenders({ ...settings, sqs, ports });
  const { sender, breaker, storeInTime } = senders;
  const { replay, startReplay } = openReplaying({ ...settings, senders, ports, lifecycle });
  const readStatus = openStatus({ ...settings, sqs, breaker, storeInTime, rollout, logger });

  const prepare = preparation({ ...settings, words: settings, tracer, route: rollout.route });
  const sendViaBypass = openBypass(payload, settings, bypass);
  const dispatch = dispatcher({ sender, sendViaBypass, metrics });
  const withinMs = settings.fallbackStore && settings.fallbackAfterMs;
  const shared = coalescer<Ready, BatchResult>({
    ...settings.coalesce,
    maxRequests: isFifo(settings.queueUrl) ? 1 : MAX_SHARED_REQUESTS,
    clock,
    async dispatch(ready) {
      const messages = ready.map(({ message }) => message);
      return queueResults(ready, await sender.send(messages, { withinMs }), metrics);
    },
  });
  const close = () => {
    const closed = lifecycle.close();
    shared.flush();
    return closed;
  };

  return {
    send: (message) =>
      lifecycle.run(async () => {
        const prepared = await prepare(message);
        if (prepared.kind === 'ready') return takenOrThrow(await shared.add(prepared));
        const [result] = await dispatch([prepared]);
        return takenOrThrow(result as BatchResult);
      }),

    batch(messages) {
      lifecycle.assertOpen();
      const source = lazySource(messages, prepare, lifecycle.closed);
      return lazyBatchRun(() => {
        lifecycle.assertOpen();
        const dispatchUntilClosed = (pack: readonly Prepared[]) => lifecycle.run(() => dispatch(pack));
        return orderedResults(source, { limit: batchConcurrency, clock, dispatch: dispatchUntilClosed });
      });
    },

    replay,
    startReplay,
    status: () => lifecycle.run(readStatus),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Requests that all calls of `send` together keep under way. A FIFO queue gets one at a time, which keeps the order. */
const MAX_SHARED_REQUESTS = 16;

/** The result of a message that was taken. A caller of `send` that gave no id learns from the error which to send again with. */
function takenOrThrow(result: BatchResult): SendResult {
  if (result.outcome !== 'rejected') return result;
  const { error, messageId } = result;
  if (!isQueueUnavailableError(error) || messageId === undefined) throw error;
  throw new QueueUnavailableError(error.message, error.cause, messageId);
}

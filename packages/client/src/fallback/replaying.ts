import type { Senders, SendersOptions } from './senders.ts';
import { having, optional, whole, type Check } from '@huntaze/kit/checks';
import { requireOptions } from '../contract/require-options.ts';
import { backgroundClock, ConfigurationError, systemClock } from '../contract/index.ts';
import { startReplayLoop, type ReplayLoop, type ReplayLoopOptions } from './replay-loop.ts';
import { replayer, type ReplayOptions, type ReplayResult } from './replay.ts';
import { settler } from './replay-outcome.ts';
import type { Lifecycle } from '../queue/lifecycle.ts';
import { isFifo } from '@huntaze/kit';

interface ReplayingParts extends Pick<
  SendersOptions,
  'queueUrl' | 'fallbackStore' | 'clock' | 'random' | 'onEvent' | 'ports'
> {
  readonly senders: Senders;
  readonly lifecycle: Lifecycle;
}

/** Requests of one replay under way at most. A FIFO queue gets one at a time, which keeps the order. */
const LANES = 4;

/** Composes replay, which takes stored messages to SQS, once for a client. */
export function openReplaying(parts: ReplayingParts) {
  const { senders, queueUrl, fallbackStore: store, clock, random, onEvent, ports, lifecycle } = parts;
  const { logger, metrics } = ports;
  const { breaker, queueSender, storeInTime: inTime } = senders;

  const replay = store
    ? replayer({
        store,
        queueSender,
        refuses: breaker.refuses,
        settle: settler({
          store,
          clock,
          random,
          inTime,
          logger,
          keepsOrder: isFifo(queueUrl),
          report({ attempt, message: { key, id: messageId } }, event) {
            if (event.kind === 'replayed') metrics.record('MessagesReplayed', 1);
            if (event.kind === 'dead')
              logger.error({ queueUrl, key, messageId, attempt }, 'a stored message was given up');
            onEvent({ key, messageId, attempt, ...event });
          },
        }),
        inTime,
        lanes: isFifo(queueUrl) ? 1 : LANES,
        logger,
      })
    : () => Promise.reject(noStore());

  const replayUntilClosed = (given: ReplayOptions = {}): Promise<ReplayResult> =>
    lifecycle.run(async () => {
      requireOptions(replayChecks, given);
      const { limit, signal } = given;
      const result = await replay({
        limit,
        signal: signal ? AbortSignal.any([signal, lifecycle.closed]) : lifecycle.closed,
      });
      logger.info({ queueUrl, ...result }, 'a replay ended');
      return result;
    });

  return {
    replay: replayUntilClosed,
    startReplay(given: ReplayLoopOptions): ReplayLoop {
      lifecycle.assertOpen();
      requireOptions(replayLoopChecks, given);
      if (!store) throw noStore();
      const quietClock = clock === systemClock ? backgroundClock : clock;
      return startReplayLoop(given, {
        replay: replayUntilClosed,
        clock: quietClock,
        logger,
        closed: lifecycle.closed,
      });
    },
  };
}

function noStore(): ConfigurationError {
  return new ConfigurationError([
    'fallbackStore: expected a FallbackStore, found undefined: without one there is nothing to replay',
  ]);
}

/** What the options of one replay must be. */
const replayChecks = {
  limit: optional(whole(1, 1_000_000)),
  signal: optional(having('addEventListener')),
} satisfies Record<keyof ReplayOptions, Check>;

/** What the options of repeated replays must be. */
const replayLoopChecks = {
  everyMs: whole(1_000, 86_400_000),
  limit: replayChecks.limit,
} satisfies Record<keyof ReplayLoopOptions, Check>;

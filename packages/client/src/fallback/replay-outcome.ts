import { exponentialMs, halfJitterMs } from '@huntaze/kit';
import type { Clock } from '../contract/clock.ts';
import type { FallbackStore, StoredClaim, StoredFailure, StoredMessage } from '../contract/fallback-store.ts';
import type { Logger } from '../contract/logger.ts';
import type { Random } from '../contract/random.ts';
import type { Failed, RequestOutcome } from '../queue/outgoing.ts';
import { nameOf, type StoreInTime } from './store-call.ts';

/**
 * The outcome of a claim. `untried`: its message was in no request and waits as before. `lost`: its lease ran out, and
 * another process has the message. `unsettled`: the store does not answer, so the lease will run out.
 */
export type Settlement = 'replayed' | 'failed' | 'dead' | 'untried' | 'lost' | 'unsettled';

/** Records what became of a claimed message. Never rejects. */
export type Settle = (claim: StoredClaim, outcome: RequestOutcome) => Promise<Settlement>;

/** The event of a stored message. */
export type OutcomeEvent =
  | { readonly kind: 'replayed' }
  | { readonly kind: 'replay-failed'; readonly reason: string; readonly retryAtMs: number }
  | { readonly kind: 'dead'; readonly reason: string };

interface SettlerOptions {
  readonly store: FallbackStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly inTime: StoreInTime;
  readonly logger: Logger;
  /** Whether the queue keeps order (FIFO): then what failed stays ahead of what was stored later. */
  readonly keepsOrder: boolean;
  report(claim: StoredClaim, event: OutcomeEvent): void;
}

/** Replays of one message at most: about a day of them, given how long the waits become. */
const MAX_REPLAYS = 30;

/** The same where a failed message does not wait, and goes first with every replay: a week of one a minute. */
const MAX_REPLAYS_IN_ORDER = 10_000;

/** The wait after a message's first failed replay. It doubles with each one, up to the longest. */
const FIRST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 3_600_000;

/** Settles claims with the store. A message that failed waits longer each time, and is given up in the end. */
export function settler(options: SettlerOptions): Settle {
  const { store, clock, random, inTime, logger, keepsOrder, report } = options;
  const mostReplays = keepsOrder ? MAX_REPLAYS_IN_ORDER : MAX_REPLAYS;

  const failure = (
    { attempt, message }: StoredClaim,
    { errorClass, error, untried }: Failed,
  ): StoredFailure => {
    if (untried) return { error: error.message, retryAfterMs: backToItsPosition(message), untried };
    if (errorClass === 'rejected' || attempt >= mostReplays) return { error: error.message, dead: true };
    if (keepsOrder) return { error: error.message, retryAfterMs: backToItsPosition(message) };
    const waitMs = halfJitterMs(exponentialMs(attempt, FIRST_WAIT_MS, LONGEST_WAIT_MS), random);
    return { error: error.message, retryAfterMs: Math.floor(waitMs) };
  };

  /** The wait, below 0, that puts a message ahead of what was stored after it. */
  const backToItsPosition = ({ storedAtMs }: StoredMessage) =>
    Math.min(0, storedAtMs - Math.floor(clock.nowMs()));

  /** A message that was not tried has no event. */
  const eventOf = (failed: StoredFailure): OutcomeEvent | undefined => {
    if ('dead' in failed) return { kind: 'dead', reason: failed.error };
    if (failed.untried) return undefined;
    const retryAtMs = Math.floor(clock.nowMs()) + failed.retryAfterMs;
    return { kind: 'replay-failed', reason: failed.error, retryAtMs };
  };

  async function record(
    claim: StoredClaim,
    event: OutcomeEvent | undefined,
    settled: () => Promise<boolean>,
  ): Promise<Settlement> {
    try {
      if (!(await inTime(settled))) return 'lost';
    } catch (error) {
      const { key, id: messageId } = claim.message;
      logger.warn({ key, messageId, error: nameOf(error) }, 'the fallback store did not settle a replay');
      return 'unsettled';
    }
    if (event === undefined) return 'untried';
    report(claim, event);
    return event.kind === 'replay-failed' ? 'failed' : event.kind;
  }

  return async (claim, outcome) => {
    if (outcome.kind !== 'failed')
      return await record(claim, { kind: 'replayed' }, () => store.markReplayed(claim));
    const failed = failure(claim, outcome);
    return await record(claim, eventOf(failed), () => store.markFailed(claim, failed));
  };
}

import { inLanes } from '@huntaze/kit';
import {
  StoreUnavailableError,
  type FallbackStore,
  type Logger,
  type StoredClaim,
  type Unavailable,
} from '../contract/index.ts';
import { packsOf } from '../queue/packing.ts';
import type { QueueSender, RequestOutcome } from '../queue/outgoing.ts';
import type { Settle, Settlement } from './replay-outcome.ts';
import { nameOf, type StoreInTime } from './store-call.ts';

/** What one replay may do. */
export interface ReplayOptions {
  /** Most messages that it claims. Default: 1,000. */
  readonly limit?: number | undefined;
  /** Lets it claim no more; what it has claimed by then is sent and settled. Default: none. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Why a replay ended: nothing is due (`drained`; what failed before may still wait for its time), the limit, the
 * signal, SQS (its breaker is open, or it refused a whole request), or the store.
 */
export type ReplayEnd = 'drained' | 'limit' | 'aborted' | 'queue-unavailable' | 'store-unavailable';

/** What a replay did. */
export interface ReplayResult {
  /** Messages that SQS holds now. */
  readonly replayed: number;
  /** Messages that SQS did not confirm: a later replay tries them again. */
  readonly failed: number;
  /** Messages that were given up: SQS will never take them, or they failed too often. The store keeps them. */
  readonly dead: number;
  /** Messages that still wait in the store, or why they could not be counted. */
  readonly remaining: number | Unavailable;
  readonly ended: ReplayEnd;
}

interface ReplayerOptions {
  readonly store: FallbackStore;
  /** To SQS alone: what cannot get there is in the store already. */
  readonly queueSender: QueueSender;
  /** Whether a request made now would be refused. */
  refuses(): boolean;
  readonly settle: Settle;
  /** Bounds a call of the store. */
  readonly inTime: StoreInTime;
  /** Requests under way at most. */
  readonly lanes: number;
  readonly logger: Logger;
}

/** Messages claimed at once: those of one request, so that a process that dies holds few of them back. */
const CLAIM_SIZE = 10;

/** How long a claim lasts: well above what the attempts of one request and the settling can take together. */
const LEASE_MS = 120_000;

const DEFAULT_LIMIT = 1_000;

/** How far a replay has come. Its lanes share it. */
interface Run {
  /** How many messages it may still claim. */
  left: number;
  readonly settlements: Record<Settlement, number>;
  ended: ReplayEnd | undefined;
}

/**
 * Takes what is due in the store to SQS, oldest first. Several may run at once, in one process or in many: a claim
 * is exclusive until its lease ends, and only its holder can settle it. A message keeps its id, so one that gets
 * to SQS twice is delivered once.
 * @throws {StoreUnavailableError} from the replay, when nothing could be claimed at all.
 */
export function replayer(options: ReplayerOptions): (given?: ReplayOptions) => Promise<ReplayResult> {
  const { store, queueSender, refuses, settle, inTime, lanes, logger } = options;

  const reasonToEnd = ({ left }: Run, signal: AbortSignal | undefined): ReplayEnd | undefined => {
    if (signal?.aborted) return 'aborted';
    if (refuses()) return 'queue-unavailable';
    return left <= 0 ? 'limit' : undefined;
  };

  async function claim(run: Run) {
    const limit = Math.min(CLAIM_SIZE, run.left);
    run.left -= limit;
    const claims = await inTime(() => store.claim({ limit, leaseMs: LEASE_MS }));
    run.left += limit - claims.length;
    return claims;
  }

  /** One claim, its requests, their settlement. */
  async function round(run: Run, signal: AbortSignal | undefined): Promise<void> {
    run.ended ??= reasonToEnd(run, signal);
    if (run.ended) return;
    const claims = await claim(run);
    if (claims.length === 0) run.ended ??= 'drained';
    for (const pack of packsOf(claims.map(toOutgoing))) {
      const outcomes = await queueSender.send(pack.map(({ message }) => message));
      const settled = await Promise.all(
        pack.map(({ claim: one }, index) => settle(one, outcomes[index] as RequestOutcome)),
      );
      for (const settlement of settled) run.settlements[settlement] += 1;
      if (settled.includes('unsettled')) run.ended ??= 'store-unavailable';
      if (outcomes.every((outcome) => outcome.kind === 'failed' && outcome.errorClass !== 'rejected'))
        run.ended ??= 'queue-unavailable';
    }
  }

  async function lane(run: Run, signal: AbortSignal | undefined): Promise<void> {
    try {
      while (!run.ended) await round(run, signal);
    } catch (error) {
      logger.warn({ error: nameOf(error) }, 'the fallback store ended a replay');
      run.ended = 'store-unavailable';
    }
  }

  async function remaining() {
    try {
      return (await inTime(() => store.counts())).pending;
    } catch (error) {
      return { unavailable: nameOf(error) };
    }
  }

  return async ({ limit = DEFAULT_LIMIT, signal } = {}) => {
    const settlements = { replayed: 0, failed: 0, dead: 0, untried: 0, lost: 0, unsettled: 0 };
    const run: Run = { left: limit, settlements, ended: undefined };
    // The first round alone: where SQS or the store is away, or the breaker wants a probe, one request finds out.
    await round(run, signal).catch((cause: unknown) => {
      throw new StoreUnavailableError(
        `expected the fallback store to give out messages, found that it does not answer (${nameOf(cause)}): nothing was replayed`,
        cause,
      );
    });
    await inLanes(lanes, () => lane(run, signal));
    const { replayed, failed, dead } = settlements;
    return { replayed, failed, dead, remaining: await remaining(), ended: run.ended ?? 'drained' };
  };
}

/** The stored message as it would have been sent at first. */
function toOutgoing(claim: StoredClaim) {
  const { id, key, body } = claim.message;
  const bytes = Buffer.byteLength(body);
  return { claim, message: { id, key, body, bytes }, bytes };
}

import { inLanes } from '@huntaze/kit';
import { StoreUnavailableError, type FallbackStore, type Logger } from '../contract/index.ts';
import { packsOf } from '../transport/pack.ts';
import type { Carrier, Fate } from '../transport/transport.ts';
import { toOutgoing } from './outgoing.ts';
import type { ReplayEnd, ReplayOptions, ReplayResult } from './replay-results.ts';
import type { Settle, Settlement } from './settle.ts';
import { nameOf, type StoreInTime } from './store-call.ts';

/** What {@link replayer} works with. */
export interface ReplayerOptions {
  readonly store: FallbackStore;
  /** To SQS alone: what cannot get there is in the store already. */
  readonly carrier: Carrier;
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
  const { store, carrier, refuses, settle, inTime, lanes, logger } = options;

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
      const fates = await carrier.carry(pack.map(({ message }) => message));
      const settled = await Promise.all(
        pack.map(({ claim: one }, index) => settle(one, fates[index] as Fate)),
      );
      for (const settlement of settled) run.settlements[settlement] += 1;
      if (settled.includes('unsettled')) run.ended ??= 'store-unavailable';
      if (fates.every((fate) => fate.kind === 'failed' && fate.verdict !== 'rejected'))
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

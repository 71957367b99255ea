import type { Clock, Logger } from '../contract/index.ts';
import { nameOf } from './store-call.ts';
import type { ReplayOptions, ReplayResult } from './replay.ts';

/** How a server replays. */
export interface ReplayLoopOptions {
  /** Milliseconds between the end of one replay and the start of the next, 1,000 to 86,400,000. */
  readonly everyMs: number;
  /** Most messages that one replay claims. When there are more, the next one follows at once. Default: 1,000. */
  readonly limit?: number | undefined;
}

/** Replays until it is stopped. */
export interface ReplayLoop {
  /** Starts no further replay, and waits for the one under way. Every call returns the same promise. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

interface ReplayLoopParts {
  replay(options: ReplayOptions): Promise<ReplayResult>;
  /** Its sleepers should not keep the process alive. */
  readonly clock: Clock;
  readonly logger: Logger;
  /** Stops the loop too. */
  readonly closed: AbortSignal;
}

/** Replays now and then every `everyMs`. A replay that fails is logged; the next one starts in its time. */
export function startReplayLoop(
  { everyMs, limit }: ReplayLoopOptions,
  { replay, clock, logger, closed }: ReplayLoopParts,
): ReplayLoop {
  const stopping = new AbortController();
  const signal = AbortSignal.any([stopping.signal, closed]);

  async function once(): Promise<ReplayResult | undefined> {
    try {
      return await replay({ limit, signal });
    } catch (error) {
      if (!signal.aborted) logger.warn({ error: nameOf(error) }, 'a replay failed; the next one is tried');
      return undefined;
    }
  }

  const running = (async () => {
    while (!signal.aborted) {
      const result = await once();
      if (result?.ended !== 'limit') await clock.sleep(everyMs, signal);
    }
  })();

  const stop = () => {
    stopping.abort('stopped');
    return running;
  };
  return { stop, [Symbol.asyncDispose]: stop };
}

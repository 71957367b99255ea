import type { Logger } from '@huntaze/rate-limiter-client/contract';
import type { Limiter } from '../limiter/limiter.ts';

/** The first queue whose messages each limiter of this process was asked about; null once its host was warned. */
const firstQueues = new WeakMap<Limiter, string | null>();

/**
 * Warns a host, once for each limiter, when messages of two queues have limits of their own although nobody said so: a
 * limiter that could name its upstream does not. Two queues that lead to one upstream exceed its limit then.
 */
export function queueWatch(limiter: Limiter, logger: Logger): (queue: string) => void {
  if (!('upstream' in limiter) || limiter.upstream !== undefined) return () => {};
  return (queue) => {
    const first = firstQueues.get(limiter);
    if (first === undefined) firstQueues.set(limiter, queue);
    if (first === undefined || first === null || first === queue) return;
    firstQueues.set(limiter, null);
    logger.warn(
      { queues: [first, queue] },
      'two queues have a budget of their own per key: name the upstream of the limiter if they lead to one',
    );
  };
}

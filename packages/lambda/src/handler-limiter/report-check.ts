import type { Logger } from '@huntaze/rate-limiter-client/contract';
import type { Limiter } from '../limiter/limiter.ts';

/**
 * Logs, the first time it is called, what stands in the way of a limiter that can tell. Nobody waits for it, and it fails in
 * silence: what is wrong shows in the limiter's own errors, too.
 */
export function checkReporter(limiter: Pick<Limiter, 'check'>, logger: Logger): () => void {
  let asked = false;
  const report = async () => {
    const { problems, warnings } = (await limiter.check?.()) ?? { problems: [], warnings: [] };
    for (const problem of problems)
      logger.error({ error: problem }, 'the limiter cannot work as it is set up');
    for (const warning of warnings) logger.warn({ warning }, 'the limiter could be set up better');
  };
  return () => {
    if (asked) return;
    asked = true;
    report().catch(() => {});
  };
}

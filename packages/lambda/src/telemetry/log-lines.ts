import type { Clock, LogFields, Logger } from '@huntaze/rate-limiter-client/contract';

/**
 * What a handler logs with whose host gave no logger: in Lambda lines of JSON, elsewhere nothing. Writes nothing until it
 * is told to. Lambda filters by `level` only what has a `timestamp` too.
 */
export function logLines(clock: Clock) {
  let begun = false;
  const write = (level: string) => (fields: LogFields, message: string) => {
    if (!begun) return;
    const own = { level, timestamp: new Date(clock.nowMs()).toISOString(), message };
    // Past `console`, which Lambda replaces by one that puts time and request before each line.
    process.stdout.write(`${JSON.stringify({ ...own, ...fields, ...own })}\n`);
  };
  const logger: Logger = { debug: () => {}, info: write('info'), warn: write('warn'), error: write('error') };
  return { logger, begin: () => void (begun = true) };
}

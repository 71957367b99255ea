import type { Clock, LogFields, Logger } from '@huntaze/rate-limiter-client/contract';

/** What a handler logs with whose host gave no logger: in Lambda lines of JSON, elsewhere nothing. */
export interface LogLines {
  readonly logger: Logger;
  /** From now on lines are written. */
  begin(): void;
}

/** Writes nothing until it is told to. Lambda filters by `level` only what has a `timestamp` too. */
export function logLines(clock: Clock): LogLines {
  let begun = false;
  const write = (level: string) => (fields: LogFields, message: string) => {
    if (!begun) return;
    const own = { level, timestamp: new Date(clock.nowMs()).toISOString(), message };
    // Past `console`, which Lambda replaces by one that puts time and request before each line.
    process.stdout.write(`${JSON.stringify({ ...own, ...fields, ...own })}\n`);
  };
  return {
    logger: { debug: () => {}, info: write('info'), warn: write('warn'), error: write('error') },
    begin: () => void (begun = true),
  };
}

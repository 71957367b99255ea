import type { LogFields, Logger } from '@huntaze/rate-limiter-client';

const write = (level: string) => (fields: LogFields, message: string) =>
  process.stdout.write(`${JSON.stringify({ level, message, ...fields })}\n`);

/** One line of JSON per entry. */
export const logger: Logger = {
  debug: () => {},
  info: write('info'),
  warn: write('warn'),
  error: write('error'),
};

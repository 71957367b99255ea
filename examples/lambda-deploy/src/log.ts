import type { LogFields, Logger } from '@huntaze/rate-limiter-client';

const write = (level: string) => (fields: LogFields, message: string) =>
  process.stdout.write(`${JSON.stringify({ level, message, ...fields })}\n`);

/** One line of JSON per entry, which CloudWatch Logs Insights can search by field. */
export const consoleLogger: Logger = {
  debug: () => {},
  info: write('info'),
  warn: write('warn'),
  error: write('error'),
};

import type { LogFields, Logger } from '@huntaze/rate-limiter-client';

const write = (level: string) => (fields: LogFields, message: string) =>
  console.log(JSON.stringify({ level, message, ...fields }));

/** One line of JSON per entry. Fields never hold payload content. */
export const logger: Logger = {
  debug: () => {},
  info: write('info'),
  warn: write('warn'),
  error: write('error'),
};

import { optionReaders } from '@huntaze/kit/checks';
import { ConfigurationError } from '@huntaze/rate-limiter-client/contract';

/** What options must be: one rule for all packages (decision 47). */
export * from '@huntaze/kit/checks';

/** Check options, and by a table also fill in their defaults. @throws {ConfigurationError} with every problem. */
export const { requireOptions, readOptions } = optionReaders(ConfigurationError);

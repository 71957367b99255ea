import { optionReaders } from '@huntaze/kit/checks';
import { ConfigurationError } from '@huntaze/rate-limiter-client/contract';

/** Check options, and by a table also fill in their defaults. @throws {ConfigurationError} with every problem. */
export const { requireOptions, readOptions } = optionReaders(ConfigurationError);

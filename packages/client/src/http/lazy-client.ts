import { errorClass } from '@huntaze/kit';
import { isConfigurationError, RateLimiterError } from '../contract/index.ts';

/**
 * A client, or a function that makes it. The function is called with the first request that needs the client, and with
 * the next one if it failed: a module that declares a route can then be loaded without the environment's variables.
 */
export type LazyClient<Client extends object> = Client | (() => Client | Promise<Client>);

/** The client each time, made once. */
export function clientOf<Client extends object>(given: LazyClient<Client>): () => Promise<Client> {
  let made: Promise<Client> | undefined;
  return () =>
    (made ??= make(given).catch((error: unknown) => {
      made = undefined;
      throw error;
    }));
}

async function make<Client extends object>(given: LazyClient<Client>): Promise<Client> {
  return typeof given === 'function' ? given() : given;
}

/** Why a request failed, for the log: of a wrong configuration every problem. */
export function reasonOf(error: unknown): { readonly error: string; readonly problems?: readonly string[] } {
  if (isConfigurationError(error)) return { error: error.code, problems: error.problems };
  return { error: error instanceof RateLimiterError ? error.code : errorClass(error) };
}

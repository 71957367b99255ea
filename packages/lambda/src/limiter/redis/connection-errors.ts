import { errorMessage, safely } from '@huntaze/kit';
import type { RedisClient } from './clients/clients.ts';
import type { Emitter } from './clients/connection.ts';

/** Why a client's connection failed, since the server last answered. */
export interface ConnectionErrors {
  /** Undefined where it did not, or the client does not emit why. */
  readonly last: unknown;
  /** The connection works. */
  forget(): void;
}

/** One listener per client, however many limiters use it. */
const watched = new WeakMap<RedisClient, ConnectionErrors>();

/**
 * Listens to a client's `error` events. Clients that lost their connection answer that they gave up, and only these events
 * say why; and without a listener an event of node-redis ends the process.
 */
export function watchErrors(redis: RedisClient & Partial<Emitter>): ConnectionErrors {
  const known = watched.get(redis);
  if (known) return known;
  const errors = { last: undefined as unknown, forget: () => void (errors.last = undefined) };
  if (typeof redis.on === 'function') redis.on('error', (error) => (errors.last = error));
  watched.set(redis, errors);
  return errors;
}

/** An error as people read it: its code and its text, neither twice. */
export function describeError(error: unknown): string {
  const text = errorMessage(error);
  const code = safely<unknown>(() => (error as { code?: unknown }).code, undefined);
  // What Node tried several addresses for has a code and no text.
  if (typeof code !== 'string' || code === '' || text.includes(code)) return text;
  return text === 'unknown' ? code : `${code}: ${text}`;
}

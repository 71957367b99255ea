import { systemClock } from '@huntaze/rate-limiter-client/contract';
import { clock, oneOf, text, whole } from '../checks/checks.ts';
import { DEFAULT_REMEMBER_MS } from './limiter.ts';

/** 31 days: longer than any queue keeps a message. */
const LONGEST_MEMORY_MS = 31 * 24 * 3_600_000;

const upstream = text('a name of 1 to 64 letters, digits, dots, hyphens and underscores', /^[\w.-]{1,64}$/);

/** The options that both limiters have. */
export const sharedTable = {
  upstream: { check: upstream, default: undefined },
  rememberMs: { check: whole(1, LONGEST_MEMORY_MS), default: DEFAULT_REMEMBER_MS },
  coldStart: { check: oneOf('empty', 'full'), default: undefined },
  clock: { check: clock, default: systemClock },
};

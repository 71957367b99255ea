import { clock, having, ids, oneOf, random, text, whole } from '@huntaze/kit/checks';
import { systemClock, systemRandom } from '@huntaze/rate-limiter-client/contract';
import { tableChecks } from '../option-checks.ts';

const LONGEST_MEMORY_MS = 31 * 24 * 3_600_000;

/**
 * What each option must be, and its value when it is left out; where that is undefined, the stored limiter has one. It
 * checks again what is handed on to it, but knows no table: here every problem is told together.
 */
export const limiterOptionTable = {
  client: { check: having('send') },
  tableName: { check: tableChecks.tableName },
  upstream: {
    check: text('a name of 1 to 64 letters, digits, dots, hyphens and underscores', /^[\w.-]{1,64}$/),
    default: undefined,
  },
  rememberMs: { check: whole(1, LONGEST_MEMORY_MS), default: undefined },
  coldStart: { check: oneOf('empty', 'full'), default: undefined },
  clockSkewMs: { check: whole(0, 60_000), default: undefined },
  timeoutMs: { check: whole(1, 60_000), default: 2_000 },
  clock: { check: clock, default: systemClock },
  ids: { check: ids, default: undefined },
  random: { check: random, default: systemRandom },
};

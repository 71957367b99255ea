import { clock, oneOf, optional, text, whole } from '../checks/checks.ts';

/** 31 days: longer than any queue keeps a message. */
const LONGEST_MEMORY_MS = 31 * 24 * 3_600_000;

/** What the options must be that both limiters have. */
export const memoryChecks = {
  upstream: optional(
    text('a name of 1 to 64 letters, digits, dots, hyphens and underscores', /^[\w.-]{1,64}$/),
  ),
  rememberMs: optional(whole(1, LONGEST_MEMORY_MS)),
  coldStart: optional(oneOf('empty', 'full')),
  clock,
};

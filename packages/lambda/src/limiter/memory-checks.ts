import { clock, oneOf, optional, whole } from '../checks.ts';

/** 31 days: longer than any queue keeps a message. */
const LONGEST_MEMORY_MS = 31 * 24 * 3_600_000;

/** What the options must be that both limiters have. */
export const memoryChecks = {
  rememberMs: optional(whole(1, LONGEST_MEMORY_MS)),
  coldStart: optional(oneOf('empty', 'full')),
  clock,
};

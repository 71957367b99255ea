import { sendRoute } from '@huntaze/rate-limiter-client/http';
import { currentUser } from '@/lib/auth.ts';
import { logger } from '@/lib/logger.ts';
import { rateLimiter } from '@/lib/rate-limiter.ts';

/** Queues a message of the account that is signed in. */
export const POST = sendRoute({
  client: async () => (await rateLimiter()).client,
  authenticate: currentUser,
  keyOf: ({ account }) => account,
  logger,
});

import { statusRoute } from '@huntaze/rate-limiter-client/http';
import { currentUser, type User } from '@/lib/auth.ts';
import { logger } from '@/lib/logger.ts';
import { rateLimiter } from '@/lib/rate-limiter.ts';

/** How the queue stands, and each message of the account that is asked about: `?messageId=…`. */
export async function GET(request: Request): Promise<Response> {
  const { client, find } = await rateLimiter();
  const status = statusRoute({
    client,
    authenticate: currentUser,
    find: find && (({ account }: User, messageId) => find(account, messageId)),
    logger,
  });
  return status(request);
}

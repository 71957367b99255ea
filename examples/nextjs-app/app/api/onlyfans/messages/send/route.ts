import { sendRoute } from '@huntaze/rate-limiter-client/http';
import { currentUser } from '@/lib/auth.ts';
import { logger } from '@/lib/logger.ts';
import { rateLimiter } from '@/lib/rate-limiter.ts';

/** Queues a message of the account that is signed in. */
export async function POST(request: Request): Promise<Response> {
  const { client } = await rateLimiter();
  const send = sendRoute({ client, authenticate: currentUser, keyOf: ({ account }) => account, logger });
  return send(request);
}

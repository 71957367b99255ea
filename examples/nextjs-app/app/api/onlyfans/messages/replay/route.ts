import { sameText } from '@/lib/auth.ts';
import { logger } from '@/lib/logger.ts';
import { rateLimiter } from '@/lib/rate-limiter.ts';

/**
 * Takes messages from the fallback store to the queue. For a cron, every minute, with the header
 * `Authorization: Bearer CRON_SECRET`. Several at once do no harm.
 */
export async function GET(request: Request): Promise<Response> {
  const secret = process.env['CRON_SECRET'];
  const authorization = request.headers.get('authorization') ?? '';
  if (!secret || !sameText(authorization, `Bearer ${secret}`)) {
    return new Response('Unauthorized', { status: 401 });
  }
  try {
    const { client } = await rateLimiter();
    return Response.json(await client.replay({ signal: request.signal }));
  } catch (error) {
    logger.error({ error: error instanceof Error ? error.name : 'unknown' }, 'the replay failed');
    return new Response('Service Unavailable', { status: 503 });
  }
}

import { createHash, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { dynamoDbFallbackStore } from '@huntaze/rate-limiter-adapters/dynamodb';
import { createRateLimiterClient } from '@huntaze/rate-limiter-client';
import { onlyFansMessage } from '@huntaze/rate-limiter-client/presets';
import { nodeListener, sendRoute, statusRoute } from '@huntaze/rate-limiter-client/http';
import { startDelivering } from './delivering.ts';
import { logger } from './log.ts';
import type { Settings } from './settings.ts';

/** A service that takes messages over HTTP, and delivers them itself. */
export interface Service {
  /** Takes no more requests, finishes what is in hand, hands over what is kept. May be called again. */
  stop(): Promise<void>;
}

/** Starts it; resolves when it listens. */
export async function startService(settings: Settings): Promise<Service> {
  const database = DynamoDBDocumentClient.from(new DynamoDBClient());
  const client = createRateLimiterClient({
    ...settings.client,
    payload: onlyFansMessage,
    fallbackStore: dynamoDbFallbackStore({ client: database, tableName: settings.tableName }),
    logger,
  });
  client.startReplay({ everyMs: 5_000 });
  const delivering = startDelivering(settings);

  const authenticate = bearer(settings.apiToken);
  // Whoever has the token may send for every account.
  const send = sendRoute({ client, authenticate, keyOf: (_caller, requested) => requested, logger });
  const status = statusRoute({ client, authenticate, logger });
  let stopping: Promise<void> | undefined;
  const routes: Readonly<Record<string, RequestListener>> = {
    '/messages': (request, response) => void nodeListener(send)(request, response),
    '/status': (request, response) => void nodeListener(status)(request, response),
    // For the load balancer. An outage of SQS or Redis is no reason to replace this process.
    '/health': (_request, response) =>
      void response.writeHead(stopping ? 503 : 200).end(stopping ? 'stopping' : 'ok'),
  };
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
    if (route) route(request, response);
    else response.writeHead(404).end();
  }).listen(settings.port);
  await once(server, 'listening');
  logger.info({ port: settings.port }, 'listening');

  const shutDown = async () => {
    server.close();
    await delivering.stop();
    await client.close();
    database.destroy();
    server.closeAllConnections();
    logger.info({}, 'stopped');
  };
  return { stop: () => (stopping ??= shutDown()) };
}

const digest = (text: string) => createHash('sha256').update(text).digest();

/** Knows whoever brings the token along. Compares in a time that tells nothing of where two texts differ. */
function bearer(token: string) {
  const expected = digest(`Bearer ${token}`);
  return ({ headers }: Request) =>
    timingSafeEqual(digest(headers.get('authorization') ?? ''), expected) ? { name: 'a service' } : null;
}

import { fakeClock } from '../testing/fake-clock.ts';
import { authenticate, keyOf, makeLogger, makeQueuedClient } from './routes.fixture.ts';
import { sendRoute, type SendRouteOptions } from './send-route.ts';

type Anna = { readonly accounts: readonly string[] };

export function makeRoute(overrides: Partial<SendRouteOptions<Anna>> = {}) {
  const { client, queue } = makeQueuedClient();
  const { lines, logger } = makeLogger();
  const clock = fakeClock();
  const route = sendRoute<Anna>({ client, authenticate, keyOf, logger, clock, ...overrides });
  return { route, client, queue, lines, clock };
}

export async function read(response: Response) {
  const text = await response.text();
  return { status: response.status, body: JSON.parse(text) as Record<string, unknown> };
}

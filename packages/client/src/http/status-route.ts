import { errorClass } from '@huntaze/kit';
import * as checks from '@huntaze/kit/checks';
import { readOptions } from '../contract/require-options.ts';
import { silentLogger, type Logger } from '../contract/index.ts';
import { identifierProblem } from '../contract/message.ts';
import { access, type Authenticate } from './access.ts';
import { clientOf, reasonOf, type LazyClient } from './lazy-client.ts';
import { json, problem, retryAfter } from './problem.ts';
import type { Route } from './send-route.ts';

/** What {@link statusRoute} needs of a client. */
export interface StatusReader {
  status(): Promise<object>;
}

/** How {@link statusRoute} is made. */
export interface StatusRouteOptions<Principal> {
  /** A client, or a function that makes it with the first request: then nothing is needed where the route is declared. */
  readonly client: LazyClient<StatusReader>;
  /** Says who is calling. A caller that it does not name is refused. The counts are of the whole queue: for your operators. */
  readonly authenticate: Authenticate<Principal>;
  /**
   * Says where a message stands, for callers that ask with `?messageId=…`: what `limiter.find` says, or your own
   * words. Look only among the messages of this caller. Nothing means that it is not known. Default: none.
   */
  readonly find?: ((principal: Principal, messageId: string) => Promise<object | undefined>) | undefined;
  /** Gets the reasons, which responses leave out. Default: silent. */
  readonly logger?: Logger | undefined;
}

const statusRouteTable = {
  client: { check: checks.callableOr(checks.having('status')) },
  authenticate: { check: checks.callable },
  find: { check: checks.callable, default: undefined },
  logger: { check: checks.logger, default: silentLogger },
} satisfies checks.OptionTable<StatusRouteOptions<unknown>>;

/** How many messages one request may ask about. */
const MAX_IDS = 100;

const RETRY_AFTER_MS = 10_000;

/**
 * A route that answers a GET with the status of the client. What cannot be read is `{ "unavailable": true }`: the
 * reason is in the log. With `find`, `?messageId=a&messageId=b` adds `messages`, by id.
 * @throws {ConfigurationError} when options are missing or wrong, with every problem.
 */
export function statusRoute<Principal>(options: StatusRouteOptions<Principal>): Route {
  const { client, authenticate, find, logger } = readOptions(statusRouteTable, options);
  const clientNow = clientOf(client);

  return async (request) => {
    if (request.method !== 'GET') {
      return problem({ status: 405, detail: 'expected GET, found another method' }, { allow: 'GET' });
    }
    const caller = await access(authenticate, request, logger);
    if (caller.kind === 'refused') return caller.response;
    const ids = [...new Set(new URL(request.url).searchParams.getAll('messageId'))];
    if (ids.length > MAX_IDS || ids.some((id) => identifierProblem('messageId', id))) {
      return problem({ status: 400, detail: `expected at most ${MAX_IDS} ids of messages, found others` });
    }
    try {
      const reader = await clientNow();
      const status = withoutReasons(await reader.status());
      if (!find || ids.length === 0) return json(200, status);
      const found = await Promise.all(ids.map((id) => whereabouts(find, caller.principal, id, logger)));
      return json(200, { ...status, messages: Object.fromEntries(found) });
    } catch (error) {
      logger.error(reasonOf(error), 'the status could not be read');
      return problem(
        { status: 503, detail: 'the status cannot be read now: try again later' },
        retryAfter(RETRY_AFTER_MS),
      );
    }
  };
}

const unavailable = { unavailable: true };

/** Why a part cannot be read is for the log, which has it from the client. */
function withoutReasons(status: object): object {
  const parts = Object.entries(status).map(([name, part]: [string, unknown]) => {
    const broken = typeof part === 'object' && part !== null && 'unavailable' in part;
    return [name, broken ? unavailable : part];
  });
  return Object.fromEntries(parts);
}

async function whereabouts<Principal>(
  find: NonNullable<StatusRouteOptions<Principal>['find']>,
  principal: Principal,
  messageId: string,
  logger: Logger,
): Promise<readonly [string, object | null]> {
  try {
    return [messageId, (await find(principal, messageId)) ?? null];
  } catch (error) {
    logger.warn({ messageId, error: errorClass(error) }, 'a message could not be found out about');
    return [messageId, unavailable];
  }
}

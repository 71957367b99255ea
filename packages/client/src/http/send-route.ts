import * as checks from '@huntaze/kit/checks';
import { readOptions } from '../contract/require-options.ts';
import {
  backgroundClock,
  isBypassError,
  isPayloadError,
  isQueueUnavailableError,
  silentLogger,
} from '../contract/index.ts';
import type { Clock, Logger, PayloadProblem, Priority } from '../contract/index.ts';
import { access, type Authenticate } from './access.ts';
import { readJson } from './body.ts';
import { clientOf, reasonOf, type LazyClient } from './lazy-client.ts';
import { readMessage } from './message-body.ts';
import { json, problem, retryAfter } from './problem.ts';

/** A route on web-standard objects: for Next.js, Hono, and with `nodeListener` for plain Node. */
export type Route = (request: Request) => Promise<Response>;

/** What {@link sendRoute} needs of a client: any `RateLimiterClient` has it, whatever its payloads. */
export interface Sender {
  send(message: {
    readonly key: string;
    readonly payload: never;
    readonly priority?: Priority | undefined;
    readonly id?: string | undefined;
  }): Promise<{ readonly outcome: string; readonly messageId: string }>;
}

/** How {@link sendRoute} is made. */
export interface SendRouteOptions<Principal> {
  /** A client, or a function that makes it with the first request: then nothing is needed where the route is declared. */
  readonly client: LazyClient<Sender>;
  /** Says who is calling. A caller that it does not name is refused. */
  readonly authenticate: Authenticate<Principal>;
  /**
   * Says whose message the caller sends: the key that the limits apply to. `requested` is the `key` of the body, if
   * it has one; never give it back unless this caller may send for it. Nothing, or another key than the requested
   * one, or what is no text, means 403; an error 503.
   */
  readonly keyOf: (
    principal: Principal,
    requested: string | undefined,
  ) => string | undefined | Promise<string | undefined>;
  /** Most bytes of a body, up to 1 GiB. Default: 262,144 (256 KiB). */
  readonly maxBodyBytes?: number | undefined;
  /** How long a body may take to arrive, up to an hour. Default: 10,000. */
  readonly bodyTimeoutMs?: number | undefined;
  /** How long a response asks the caller to wait when the queue cannot be reached, up to a day. Default: 10,000. */
  readonly retryAfterMs?: number | undefined;
  /** Gets the reasons, which responses leave out. Default: silent. */
  readonly logger?: Logger | undefined;
  /** Default: the process's own. */
  readonly clock?: Clock | undefined;
}

/** As much as a buffer of one body should ever be. */
const MOST_BODY_BYTES = 1024 ** 3;

const sendRouteTable = {
  client: { check: checks.callableOr(checks.having('send')) },
  authenticate: { check: checks.callable },
  keyOf: { check: checks.callable },
  maxBodyBytes: { check: checks.whole(1, MOST_BODY_BYTES), default: 262_144 },
  bodyTimeoutMs: { check: checks.whole(1, 3_600_000), default: 10_000 },
  retryAfterMs: { check: checks.whole(1, 86_400_000), default: 10_000 },
  logger: { check: checks.logger, default: silentLogger },
  clock: { check: checks.clock, default: backgroundClock },
} satisfies checks.OptionTable<SendRouteOptions<unknown>>;

/**
 * A route that queues the message in a POST: `{ payload, key?, priority?, id? }` as JSON. 202 with `outcome` and
 * `messageId`, or a problem (RFC 9457): 400, 401, 403, 405, 408, 413, 415, 429, 503. With the header
 * `Idempotency-Key` a repeated request is the same message, delivered once.
 *
 * The reason of a failure inside is in the log, never in a response.
 * @throws {ConfigurationError} when options are missing or wrong, with every problem.
 */
export function sendRoute<Principal>(options: SendRouteOptions<Principal>): Route {
  const { client, authenticate, keyOf, logger, retryAfterMs, ...limits } = readOptions(
    sendRouteTable,
    options,
  );
  const clientNow = clientOf(client);

  return async (request) => {
    if (request.method !== 'POST') {
      return problem({ status: 405, detail: 'expected POST, found another method' }, { allow: 'POST' });
    }
    const caller = await access(authenticate, request, logger);
    if (caller.kind === 'refused') return caller.response;
    const body = await readJson(request, limits);
    if (body.kind === 'refused') return body.response;
    const read = readMessage(body.value, request.headers.get('idempotency-key'));
    if (read.kind === 'invalid') return invalid(read.problems);
    try {
      const { key: requested, payload, ...rest } = read.message;
      const key = await keyOf(caller.principal, requested);
      if (typeof key !== 'string' || key === '' || (requested !== undefined && requested !== key))
        return problem({ status: 403, detail: 'this caller may not send for this key' });
      const sender = await clientNow();
      const { outcome, messageId } = await sender.send({ ...rest, key, payload: payload as never });
      return json(202, { outcome, messageId });
    } catch (error) {
      return failure(error, { logger, retryAfterMs });
    }
  };
}

/** How many problems of a message a response lists. */
const MAX_PROBLEMS = 100;

function invalid(problems: readonly PayloadProblem[]): Response {
  const listed = problems.slice(0, MAX_PROBLEMS);
  return problem({ status: 400, detail: 'the message is not valid: nothing was sent', problems: listed });
}

function failure(
  error: unknown,
  { logger, retryAfterMs }: { readonly logger: Logger; readonly retryAfterMs: number },
): Response {
  if (isPayloadError(error)) return invalid(error.problems);
  logger.error(reasonOf(error), 'a message of a request was not queued');
  const messageId = isQueueUnavailableError(error) || isBypassError(error) ? error.messageId : undefined;
  const detail = messageId
    ? 'it is not known whether the message was taken: send it again with this messageId as Idempotency-Key'
    : 'the message was not queued: send it again later';
  return problem({ status: 503, detail, messageId }, retryAfter(retryAfterMs));
}

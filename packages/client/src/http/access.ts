import { errorClass } from '@huntaze/kit';
import { groupProblems, oneOf, optional, within, type Check } from '@huntaze/kit/checks';
import { requireOptions } from '../contract/require-options.ts';
import type { Logger } from '../contract/index.ts';
import { problem, retryAfter } from './problem.ts';

/** A request that is refused before anything of it is read. Made by {@link deny}. */
export interface Denial {
  readonly denied: 401 | 403 | 429 | 503;
  /** When the caller may come back, for 429 and 503. */
  readonly retryAfterMs?: number | undefined;
}

/**
 * Refuses a request from `authenticate`: 401 for a caller that is not known, 403 for one that may not,
 * 429 for one that asks too often, 503 when it cannot be decided now.
 * @throws {ConfigurationError} for any other status, which in `authenticate` refuses the request with a 401.
 */
export function deny(denied: Denial['denied'], options: { readonly retryAfterMs?: number } = {}): Denial {
  requireOptions(denyChecks, options, 'deny.', status(denied, 'deny', {}));
  return { denied, ...options };
}

/**
 * Says who is calling, from the headers of a request: its body is read later. Whatever it says that is no caller
 * is a refusal: a {@link deny} means what it says; nothing, `null`, `false`, 0, empty text, what it throws, an error, a
 * `Response`, a function and a denial that is none mean 401.
 */
export type Authenticate<Principal> = (request: Request) => Verdict<Principal> | Promise<Verdict<Principal>>;

type Verdict<Principal> = Principal | Denial | undefined | null | false | '';

/** Who is calling, or the response that refuses the call. */
export type Access<Principal> =
  | { readonly kind: 'granted'; readonly principal: Principal }
  | { readonly kind: 'refused'; readonly response: Response };

/** Asks the host who is calling. Never throws. */
export async function access<Principal>(
  authenticate: Authenticate<Principal>,
  request: Request,
  logger: Logger,
): Promise<Access<Principal>> {
  try {
    const verdict: unknown = await authenticate(request);
    if (isDenial(verdict)) return { kind: 'refused', response: refusal(verdict) };
    const mistake = mistakenFor(verdict);
    if (mistake === undefined) return { kind: 'granted', principal: verdict as Principal };
    if (mistake !== NOBODY)
      logger.warn({ found: mistake }, 'authenticate gave what is no caller: the request was refused');
  } catch (error) {
    logger.warn({ error: errorClass(error) }, 'authenticate threw: the request was refused');
  }
  return { kind: 'refused', response: refusal({ denied: 401 }) };
}

const NOBODY = 'nobody';

/** What `authenticate` gave that cannot be meant as a caller; undefined for a caller. */
function mistakenFor(verdict: unknown): string | undefined {
  if (!verdict) return NOBODY;
  if (typeof verdict === 'function' || typeof verdict === 'symbol') return `a ${typeof verdict}`;
  if (typeof verdict !== 'object') return undefined;
  if (verdict instanceof Error || Object.prototype.toString.call(verdict) === '[object Error]')
    return 'an error';
  if ('denied' in verdict) return 'a denial of another form than deny gives';
  const { headers, status } = verdict as { readonly headers?: unknown; readonly status?: unknown };
  // Frameworks bring a Response of their own, which is none of the class that is known here.
  if (typeof status === 'number' && typeof Object(headers).get === 'function') return 'a Response';
  return verdict instanceof Request ? 'a Request' : undefined;
}

const details = {
  401: 'expected a caller that is known, found none: sign in and try again',
  403: 'this caller may not do this',
  429: 'expected fewer requests: wait and try again',
  503: 'this cannot be decided now: wait and try again',
} as const;

/** How long a caller waits that was not told. */
const DEFAULT_RETRY_AFTER_MS = 10_000;

function refusal({ denied: status, retryAfterMs = DEFAULT_RETRY_AFTER_MS }: Denial): Response {
  const headers = {
    // A 401 says how to authenticate (RFC 9110, section 11.6.1). Browsers open no dialogue for this scheme.
    401: { 'www-authenticate': 'Bearer' },
    403: {},
    429: retryAfter(retryAfterMs),
    503: retryAfter(retryAfterMs),
  };
  return problem({ status, detail: details[status] }, headers[status]);
}

const status = oneOf(401, 403, 429, 503);

const denyChecks = { retryAfterMs: optional(within(0, Number.MAX_SAFE_INTEGER)) };

const denialChecks = { denied: status, ...denyChecks } satisfies Record<keyof Denial, Check>;

function isDenial(verdict: unknown): verdict is Denial {
  return typeof verdict === 'object' && verdict !== null && groupProblems(denialChecks, verdict).length === 0;
}

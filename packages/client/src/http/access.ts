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
 */
export function deny(denied: Denial['denied'], options: { readonly retryAfterMs?: number } = {}): Denial {
  return { denied, ...options };
}

/**
 * Says who is calling, from the headers of a request: its body is read later. Whatever it says that is no caller
 * is a refusal: nothing, `null`, `false`, empty text and an error mean 401, a {@link deny} means what it says.
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
  let verdict: Verdict<Principal>;
  try {
    verdict = await authenticate(request);
  } catch (error) {
    logger.warn({ error: errorName(error) }, 'authenticate threw: the request was refused');
    return { kind: 'refused', response: refusal(deny(401)) };
  }
  if (!verdict) return { kind: 'refused', response: refusal(deny(401)) };
  if (isDenial(verdict)) return { kind: 'refused', response: refusal(verdict) };
  return { kind: 'granted', principal: verdict };
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

function isDenial(verdict: unknown): verdict is Denial {
  return typeof verdict === 'object' && verdict !== null && 'denied' in verdict && isDenied(verdict.denied);
}

function isDenied(status: unknown): status is Denial['denied'] {
  return typeof status === 'number' && status in details;
}

/** The class of an error of the host's: its message may quote a secret. */
export function errorName(error: unknown): string {
  try {
    return error instanceof Error ? error.constructor.name : typeof error;
  } catch {
    return 'unknown';
  }
}

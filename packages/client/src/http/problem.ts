import type { PayloadProblem } from '../contract/index.ts';

/** The statuses that a route answers with when it does not do what was asked. */
const titles = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
} as const;

/** The response to a request that failed: what the caller must change, and nothing about the inside. */
export interface Problem {
  readonly status: keyof typeof titles;
  readonly detail: string;
  /** Everything that is wrong with a message: places and expectations, never its content. */
  readonly problems?: readonly PayloadProblem[];
  /** The id to send the same message again with. */
  readonly messageId?: string | undefined;
}

/** Answers of these routes are about one moment and one caller. */
const headersOf = (contentType: string) => ({ 'content-type': contentType, 'cache-control': 'no-store' });

/** A response in the format of RFC 9457. */
export function problem(
  { status, ...members }: Problem,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(JSON.stringify({ title: titles[status], status, ...members }), {
    status,
    headers: { ...headersOf('application/problem+json'), ...headers },
  });
}

/** The header that says after how long to come back, in whole seconds (RFC 9110, section 10.2.3). */
export function retryAfter(ms: number): Readonly<Record<string, string>> {
  return { 'retry-after': String(Math.max(1, Math.ceil(ms / 1_000))) };
}

/** A response that did what was asked. */
export function json(status: 200 | 202, value: object): Response {
  return new Response(JSON.stringify(value), { status, headers: headersOf('application/json') });
}

import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { pause } from '../pause.ts';
import { openLedger, type Entry, type Ledger } from './ledger.ts';

/** What the API allows and how fast it is. */
export interface UpstreamOptions {
  /** Calls that a window of one key may hold. */
  readonly limit: number;
  readonly windowMs: number;
  /** Default true: a call over the limit is answered 429. False: answered 200 like the rest, and written down. */
  readonly enforce?: boolean;
  /** From arrival to answer. Default 0. */
  readonly latencyMs?: number;
}

/** An API that allows few calls and remembers all of them. */
export interface Upstream {
  /** Where to send `POST` with JSON `{ id, key }`. */
  readonly url: string;
  readonly ledger: Ledger;
  /** Stops listening and closes every connection. */
  stop(): Promise<void>;
}

/** A caller may say when it began a call, in milliseconds of `performance.timeOrigin + performance.now()`. */
export const SENT_AT_HEADER = 'x-sent-at-ms';

/** Longer than a test pauses between two calls, so that a client's kept connection is not closed under it. */
const KEEP_ALIVE_MS = 60_000;

/**
 * Starts the API on 127.0.0.1. It answers 200; 429 with `Retry-After` in whole seconds when the call is over
 * its key's limit; 404 and 400 for what is no such call, which the ledger does not count.
 */
export async function startUpstream({
  limit,
  windowMs,
  enforce = true,
  latencyMs = 0,
}: UpstreamOptions): Promise<Upstream> {
  const book = openLedger({ limit, windowMs, enforce });
  const answerCall = async (request: IncomingMessage, response: ServerResponse) => {
    const atMs = performance.now();
    const call = parseCall(await text(request));
    if (call === undefined) return answer(response, 400, { expected: 'JSON with the strings id and key' });
    const sharedAtMs = Number(request.headers[SENT_AT_HEADER] ?? Number.NaN);
    const sentAtMs = sharedAtMs - performance.timeOrigin;
    const entry = book.record({ ...call, atMs, ...(Number.isFinite(sentAtMs) && { sentAtMs }) });
    if (latencyMs > 0) await pause(latencyMs);
    return answerEntry(response, entry, enforce);
  };
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    if (request.method !== 'POST' || request.url !== '/messages') {
      return answer(response, 404, { expected: 'POST /messages' });
    }
    // A caller that hangs up while its body is read has no use for an answer.
    answerCall(request, response).catch(() => response.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/messages`,
    ledger: book,
    stop: async () => {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function answerEntry(response: ServerResponse, entry: Entry, enforce: boolean): void {
  if (entry.verdict === 'within-limit' || !enforce) return answer(response, 200, { ok: true });
  response.setHeader('Retry-After', Math.ceil(entry.retryAfterMs / 1_000));
  return answer(response, 429, { ok: false });
}

function answer(response: ServerResponse, status: number, body: object): void {
  const content = JSON.stringify(body);
  response
    .writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': content.length })
    .end(content);
}

function parseCall(body: string): { id: string; key: string } | undefined {
  try {
    const { id, key } = JSON.parse(body) as { id: unknown; key: unknown };
    return typeof id === 'string' && typeof key === 'string' ? { id, key } : undefined;
  } catch {
    return undefined;
  }
}

import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pause } from '../pause.ts';

/** What can happen to a request on its way to SQS and back. */
export const sqsFaults = [
  'server error',
  'throttled',
  'no answer',
  'reset',
  'reply lost',
  'half of it',
  'slow',
] as const;
export type SqsFault = (typeof sqsFaults)[number];

/** One SendMessageBatch request, as it came. */
export interface PassingRequest {
  /** From 1. */
  readonly number: number;
  readonly bodies: readonly string[];
}

/** A proxy that knows the protocol of SQS. */
export interface SqsProxy {
  readonly endpoint: string;
  /** How often each fault has struck. */
  readonly struck: ReadonlyMap<SqsFault, number>;
  /** Bodies that SQS has accepted, as often as it has. */
  readonly accepted: readonly string[];
  /** Bodies that SQS has accepted and whose sender was not told. */
  readonly untold: ReadonlySet<string>;
  stop(): Promise<void>;
}

/** How a proxy is started. */
export interface SqsProxyOptions {
  /** Where SQS is. */
  readonly target: string;
  /** Decides over every SendMessageBatch request. Other requests pass. */
  fate(request: PassingRequest): SqsFault | undefined;
  /** How late a slow reply is. */
  readonly slowMs: number;
}

interface Reply {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

interface Entry {
  readonly Id: string;
  readonly MessageBody: string;
}

/** Starts a proxy on 127.0.0.1. */
export async function startSqsProxy({ target, fate, slowMs }: SqsProxyOptions): Promise<SqsProxy> {
  const struck = new Map<SqsFault, number>(sqsFaults.map((fault) => [fault, 0]));
  const accepted: string[] = [];
  const untold = new Set<string>();
  let requests = 0;

  /** Sends entries on, and remembers what SQS has accepted. */
  async function carry(incoming: IncomingMessage, entries: readonly Entry[], rest: object) {
    const reply = await forward(target, incoming, JSON.stringify({ ...rest, Entries: entries }));
    const { Successful = [] } = JSON.parse(reply.body) as { Successful?: readonly { Id: string }[] };
    const ids = new Set(Successful.map(({ Id }) => Id));
    const bodies = entries.filter(({ Id }) => ids.has(Id)).map(({ MessageBody }) => MessageBody);
    accepted.push(...bodies);
    return { reply, bodies };
  }

  async function batch(incoming: IncomingMessage, outgoing: ServerResponse, text: string): Promise<void> {
    const { Entries: entries, ...rest } = JSON.parse(text) as { Entries: readonly Entry[] };
    const fault = fate({ number: ++requests, bodies: entries.map(({ MessageBody }) => MessageBody) });
    if (fault !== undefined) struck.set(fault, (struck.get(fault) ?? 0) + 1);
    if (fault === 'server error') return answer(outgoing, failure(503, 'ServiceUnavailable'));
    if (fault === 'throttled') return answer(outgoing, failure(400, 'RequestThrottled'));
    if (fault === 'reset') return void incoming.socket.resetAndDestroy();
    if (fault === 'no answer') return;
    const kept = fault === 'half of it' ? entries.filter((_, index) => index % 2 === 0) : entries;
    const { reply, bodies } = await carry(incoming, kept, rest);
    if (fault === 'slow') await pause(slowMs);
    if (fault === 'reply lost') incoming.socket.resetAndDestroy();
    if (outgoing.destroyed || incoming.socket.destroyed) return bodies.forEach((body) => untold.add(body));
    answer(
      outgoing,
      fault === 'half of it'
        ? withFailed(
            reply,
            entries.filter((one) => !kept.includes(one)),
          )
        : reply,
    );
  }

  const server = createServer((incoming, outgoing) => {
    void (async () => {
      const text = await read(incoming);
      if (String(incoming.headers['x-amz-target']).endsWith('SendMessageBatch'))
        await batch(incoming, outgoing, text);
      else answer(outgoing, await forward(target, incoming, text));
    })().catch(() => outgoing.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    struck,
    accepted,
    untold,
    async stop() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function read(stream: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

async function forward(target: string, incoming: IncomingMessage, body: string): Promise<Reply> {
  const { host: _, 'content-length': __, ...headers } = incoming.headers;
  const outgoing = httpRequest(new URL(incoming.url ?? '/', target), {
    method: incoming.method ?? 'POST',
    headers: { ...headers, 'content-length': Buffer.byteLength(body) },
  });
  outgoing.end(body);
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  return { status: response.statusCode ?? 0, headers: response.headers, body: await read(response) };
}

function answer(outgoing: ServerResponse, { status, headers, body }: Reply): void {
  const { 'content-length': _, 'transfer-encoding': __, ...kept } = headers;
  outgoing.writeHead(status, kept).end(body);
}

/** An error as SQS answers it in its JSON protocol. */
function failure(status: number, name: string): Reply {
  return {
    status,
    headers: { 'content-type': 'application/x-amz-json-1.0' },
    body: JSON.stringify({ __type: `com.amazonaws.sqs#${name}`, message: 'as the test wishes' }),
  };
}

/** Answers for entries that SQS never saw. */
function withFailed(reply: Reply, entries: readonly Entry[]): Reply {
  const parsed = JSON.parse(reply.body) as { Failed?: readonly object[] };
  const failed = entries.map(({ Id }) => ({ Id, Code: 'InternalError', SenderFault: false }));
  return { ...reply, body: JSON.stringify({ ...parsed, Failed: [...(parsed.Failed ?? []), ...failed] }) };
}

import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type {
  ChangeMessageVisibilityBatchCommand,
  GetQueueAttributesCommand,
  MessageAttributeValue,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { serializeMessage } from '@huntaze/rate-limiter-client/contract';
import {
  createHandler,
  memoryLimiter,
  perMinute,
  retryAfterFrom,
  type DeliveryMode,
  type HandlerEvent,
  type SqsClient,
} from '@huntaze/rate-limiter-lambda';
import { afterEach, describe, expect, it } from 'vitest';
import { keep } from './kept-verdicts.ts';
import { LIMIT } from './verdicts.ts';

/** Of an upstream that stalls. One that answers has all the time of the default: 60 s. */
const DELIVER_TIMEOUT_MS = 400;
const LEASE_MS = 60_000;
const HOUR_MS = 3_600_000;

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

interface Delivering {
  readonly delivery?: DeliveryMode;
  readonly deliverTimeoutMs?: number;
}

/** Delivers one message to an upstream that answers so, and tells what came of it. */
async function deliverTo(
  fault: string,
  answer: Answer,
  { delivery = 'at-least-once', deliverTimeoutMs = LEASE_MS }: Delivering = {},
) {
  let arrived = 0;
  let answered = 0;
  const server = createServer((request, response) => {
    arrived++;
    request.resume();
    answer(response, request);
    answered++;
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const events: HandlerEvent[] = [];
  const letters: Letter[] = [];
  const handler = createHandler({
    limits: perMinute(LIMIT),
    limiter: memoryLimiter(),
    queueUrl: 'http://sqs/000000000000/queue',
    deadLetterQueueUrl: 'http://sqs/000000000000/dead-letters',
    sqs: sqsThatTakesAll(letters),
    delivery,
    leaseMs: LEASE_MS,
    deliverTimeoutMs,
    onEvent: (event) => events.push(event),
    deliver: async (_, { signal }) => {
      const response = await fetch(url, { method: 'POST', body: '{}', signal });
      if (response.status === 429) throw retryAfterFrom(response);
      if (!response.ok) throw new Error('expected 2xx');
      await response.text();
    },
  });
  const body = serializeMessage({
    id: 'm-1',
    key: 'account-1',
    priority: 'medium',
    payload: null,
    enqueuedAtMs: Date.UTC(2026, 0, 1),
  });
  const record = { messageId: 'sqs-1', receiptHandle: 'r', body, attributes: {}, eventSourceARN: '' };
  const { batchItemFailures } = await handler({ Records: [record] });
  const listed = batchItemFailures.length;
  const uncertain = letters.filter(({ reason }) => reason?.StringValue === 'uncertain').length;
  keep({
    where: 'upstream',
    fault,
    delivery,
    injected: answered,
    seen: { count: arrived, what: 'call answered so' },
    messages: 1,
    lost: 1 - listed - letters.length,
    uncertain,
    uncertainAllowed: delivery === 'at-most-once' ? arrived : 0,
    deadLetters: letters.length - uncertain,
    duplicates: arrived - 1,
    duplicatesAllowed: 0,
    worstWindow: arrived,
    apart: 0,
    missing: 0,
    late: 0,
  });
  return { arrived, listed, events, letters };
}

type Letter = Partial<Record<string, MessageAttributeValue>>;

function sqsThatTakesAll(letters: Letter[]): SqsClient {
  return {
    send: async (
      command: ChangeMessageVisibilityBatchCommand | GetQueueAttributesCommand | SendMessageCommand,
    ) => {
      if ('MessageBody' in command.input) letters.push(command.input.MessageAttributes ?? {});
      return {};
    },
  } as SqsClient;
}

const kinds = (events: readonly HandlerEvent[]) => events.map(({ kind }) => kind);

describe('an upstream that answers 429', () => {
  const inHalfAnHour = () => new Date(Date.now() + HOUR_MS / 2).toUTCString();
  it.each([
    ['seconds', () => '7', 7_000, 7_000],
    ['a date', inHalfAnHour, HOUR_MS / 2 - 60_000, HOUR_MS / 2 + 1_000],
    ['a date in the past', () => 'Wed, 21 Oct 2015 07:28:00 GMT', 0, 0],
    ['an absurd number', () => '99999999999', HOUR_MS, HOUR_MS],
    ['a negative number', () => '-5', 60_000, 60_000],
    ['words', () => 'soon', 60_000, 60_000],
    ['nothing', () => undefined, 60_000, 60_000],
  ])(
    'and Retry-After with %s holds the key that long, and no attempt is counted',
    async (form, value, least, most) => {
      const { events, listed } = await deliverTo(`429, Retry-After: ${form}`, (response) => {
        const retryAfter = value();
        response.writeHead(429, retryAfter === undefined ? {} : { 'Retry-After': retryAfter }).end();
      });
      const throttled = events.find((event) => event.kind === 'throttled');
      expect(kinds(events)).toEqual(['admitted', 'parked', 'throttled']);
      expect(throttled?.holdMs).toBeGreaterThanOrEqual(least);
      expect(throttled?.holdMs).toBeLessThanOrEqual(most);
      expect(listed).toBe(1);
    },
  );
});

/** What leaves nobody certain whether the message was taken. */
const stalls: Answer = (response) => void response.writeHead(200, { 'Content-Length': 10 }).write('half');

describe('an upstream that', () => {
  it.each<[string, Answer]>([
    ['answers 503', (response) => void response.writeHead(503).end()],
    ['resets the connection', (_, request) => void request.socket.destroy()],
    [
      'takes the message and drops the connection before it answers',
      (_, request) => void request.once('end', () => request.socket.destroy()),
    ],
    [
      'breaks off in the middle of its answer',
      (response) =>
        void response.writeHead(200, { 'Content-Length': 10 }).write('half', () => response.destroy()),
    ],
  ])('%s is tried again later', async (fault, answer) => {
    const { events, listed, arrived } = await deliverTo(fault, answer);
    expect(kinds(events)).toEqual(['admitted', 'parked', 'retried']);
    expect({ listed, arrived }).toEqual({ listed: 1, arrived: 1 });
  });

  it('sends headers and then stalls is cut off in time, and tried again', async () => {
    const startedMs = performance.now();
    const { events, listed } = await deliverTo('sends headers, then stalls', stalls, {
      deliverTimeoutMs: DELIVER_TIMEOUT_MS,
    });
    expect(performance.now() - startedMs).toBeLessThan(LEASE_MS);
    expect(kinds(events)).toEqual(['admitted', 'parked', 'retried']);
    expect(listed).toBe(1);
  });

  it('stalls is not tried again when that could repeat its effect: a person decides', async () => {
    const { events, listed, letters } = await deliverTo('sends headers, then stalls', stalls, {
      delivery: 'at-most-once',
      deliverTimeoutMs: DELIVER_TIMEOUT_MS,
    });
    expect(kinds(events)).toEqual(['admitted', 'dead']);
    expect(letters).toMatchObject([{ reason: { StringValue: 'uncertain' } }]);
    expect(listed).toBe(0);
  });
});

import { SendMessageBatchCommand, type SendMessageBatchCommandInput } from '@aws-sdk/client-sqs';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { inspect } from 'node:util';
import * as z from 'zod';
import type { PayloadSchema } from './contract/index.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeClient, mockSqs, QUEUE_URL } from './client.fixture.ts';
import { sendRoute } from './http/index.ts';
import { RateLimiterError } from './index.ts';
import { onlyFansMessage, type OnlyFansMessage } from './presets/index.ts';
import { cloudWatchMetrics } from './observe/cloudwatch/index.ts';
import { emfMetrics } from './observe/emf.ts';
import { openTelemetryTracer } from './observe/opentelemetry.ts';

/** Stands for content that nobody may read outside the queue. */
const CANARY = 'canary-3f9a';

let sqs: ReturnType<typeof mockSqs>;

beforeEach(() => {
  sqs = mockSqs();
});
afterEach(() => {
  sqs.restore();
});

const payload: OnlyFansMessage = {
  recipientId: CANARY,
  content: CANARY,
  mediaUrls: [`https://cdn.example.com/${CANARY}`],
  metadata: { note: CANARY, [`${CANARY} as a name`]: CANARY },
};

/** Answers of SQS in every kind of failure, each repeating what it was sent. */
const failures: [string, (body: string) => unknown][] = [
  ['refuses the request', (body) => Promise.reject(Object.assign(new Error(body), { name: 'AccessDenied' }))],
  ['cannot be reached', (body) => Promise.reject(Object.assign(new Error(body), { code: 'ECONNRESET' }))],
  [
    'throws an error named like the body',
    (body) => Promise.reject(Object.assign(new Error(), { name: body })),
  ],
  ['refuses an entry', (Message) => ({ Failed: [{ Id: '0', Code: 'Bad', SenderFault: true, Message }] })],
  ['refuses an entry with the body as code', (Code) => ({ Failed: [{ Id: '0', Code, SenderFault: true }] })],
  ['answers for other entries', (Id) => ({ Successful: [{ Id }], Failed: [{ Id: '0', SenderFault: true }] })],
  ['accepts', () => ({ Successful: [{ Id: '0' }] })],
];

/** Schemas that quote what they got: in a message, as an unknown field, as a key of a record, in what they throw. */
const quoting: [string, PayloadSchema<never>, unknown][] = [
  [
    'a message',
    standard((value) => ({ issues: [{ message: `found "${String(value)}"`, path: [CANARY] }] })),
    CANARY,
  ],
  ['an unknown field', z.strictObject({ to: z.string() }) as never, { to: 'x', [CANARY]: 1 }],
  ['a key of a record', z.record(z.string().max(3), z.number()) as never, { [CANARY]: 1 }],
  ['a value under a key of a record', z.record(z.string(), z.number()) as never, { [CANARY]: 'x' }],
  [
    'a number as a key',
    standard(() => ({ issues: [{ message: '', path: [37_469_110_815] }] })),
    { 37_469_110_815: 1 },
  ],
  [
    'what it throws',
    standard((value) => {
      throw Object.assign(new Error(String(value)), {
        code: 'PAYLOAD',
        problems: [{ path: value, message: value }],
      });
    }),
    CANARY,
  ],
  ['what it throws later', standard((value) => Promise.reject(new TypeError(String(value)))), CANARY],
];

function standard(validate: (value: unknown) => unknown): PayloadSchema<never> {
  return { '~standard': { version: 1, vendor: 'quotes', validate } } as PayloadSchema<never>;
}

describe('payload content that a schema quotes', () => {
  it.each(quoting)('in %s shows in no log, metric, span, error or response', async (_, schema, refused) => {
    const { client, heard } = makeClient({ payload: schema });
    const route = sendRoute({
      client,
      authenticate: () => 'me',
      keyOf: () => 'k',
      logger: heard.ports.logger,
    });
    const body = JSON.stringify({ payload: refused });
    const headers = { 'content-type': 'application/json' };

    const outcome: unknown = await client
      .send({ key: 'k', payload: refused as never })
      .catch((error) => error);
    const response = await route(new Request('http://localhost/', { method: 'POST', headers, body }));

    expect(outcome).toHaveProperty('name', 'PayloadError');
    expect(response.status).toBe(400);
    const seen = [inspect(outcome, { depth: 9 }), outcome, told(heard), await response.text()];
    expect(JSON.stringify(seen)).not.toMatch(new RegExp(`${CANARY}|37469110815`));
  });

  it('shows in errors and responses where the host asks for the words of its schema', async () => {
    const [, schema, refused] = quoting[0]!;
    const { client } = makeClient({ payload: schema, schemaMessages: true });

    await expect(client.send({ key: 'k', payload: refused as never })).rejects.toThrow(`found "${CANARY}"`);
  });
});

describe('payload content', () => {
  it.each(failures)('shows in no log, metric, span or error when SQS %s', async (_, answer) => {
    sqs
      .on(SendMessageBatchCommand)
      .callsFake(({ Entries }: SendMessageBatchCommandInput) => answer(Entries?.[0]?.MessageBody ?? ''));
    const { client, heard } = makeClient({ payload: onlyFansMessage });

    const outcome = await client.send({ key: 'k', payload }).catch(visible);

    expect(JSON.stringify({ outcome, ...told(heard) })).not.toContain(CANARY);
  });

  it.each([
    ['the schema refuses it', { ...payload, content: [CANARY], [CANARY]: CANARY }],
    [
      'a media URL is refused',
      { ...payload, mediaUrls: [`https://${CANARY}@example.com/`, `http://${CANARY}/`] },
    ],
    ['it is too large', { ...payload, content: CANARY.repeat(100_000) }],
    ['it is not JSON', { ...payload, metadata: { [`${CANARY} as a name`]: Symbol(CANARY) } }],
    ['it is text', CANARY],
  ])('shows in no log, metric, span or error when %s', async (_, refused) => {
    const { client, heard } = makeClient({ payload: onlyFansMessage });

    const outcome = await client.send({ key: 'k', payload: refused as never }).catch(visible);

    expect(outcome).toHaveProperty('name', 'PayloadError');
    expect(JSON.stringify({ outcome, ...told(heard) })).not.toContain(CANARY);
  });

  it('shows in no problem with a key, an id or a priority either', async () => {
    const { client, heard } = makeClient();
    const head = `${CANARY} with spaces`;

    const outcome = await client
      .send({ key: head, id: head, priority: head as never, payload: null })
      .catch(visible);

    expect(JSON.stringify({ outcome, ...told(heard) })).not.toContain(CANARY);
  });
});

describe('payload content that comes through a route', () => {
  /** A host with everything that tells of a message, and all that it told. */
  function makeHost(answer: (body: string) => unknown) {
    sqs
      .on(SendMessageBatchCommand)
      .callsFake(({ Entries }: SendMessageBatchCommandInput) => answer(Entries?.[0]?.MessageBody ?? ''));
    const exporter = new InMemorySpanExporter();
    const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
    const lines: string[] = [];
    const emf = emfMetrics({ queue: QUEUE_URL, write: (line) => void lines.push(line) });
    const requests: unknown[] = [];
    const cloudWatch = cloudWatchMetrics({
      queue: QUEUE_URL,
      cloudWatch: { send: async ({ input }) => void requests.push(input) },
    });
    const measures = [emf, cloudWatch];
    const { client, heard } = makeClient({
      payload: onlyFansMessage,
      tracer: openTelemetryTracer({ queue: QUEUE_URL, tracer: provider.getTracer('host') }),
      metrics: {
        record: (name, value) => measures.forEach((metrics) => metrics.record(name, value)),
        flush: async () => void (await Promise.all(measures.map((metrics) => metrics.flush()))),
      },
    });
    const { logger } = heard.ports;
    const route = sendRoute({ client, authenticate: () => ({ key: 'k' }), keyOf: ({ key }) => key, logger });
    const outputs = async (response: Response) => {
      await client.close();
      await cloudWatch.close();
      const spans = exporter.getFinishedSpans().map((span) => {
        const { name, attributes, status, events, links } = span;
        return { name, attributes, status, events, links, context: span.spanContext() };
      });
      expect(spans).not.toEqual([]);
      return {
        response: [response.status, [...response.headers], await response.text()],
        spans,
        lines,
        requests,
        logs: heard.logs,
      };
    };
    return { route, outputs };
  }

  const post = (body: unknown, headers: Readonly<Record<string, string>> = {}) =>
    new Request('http://localhost/', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });

  it.each(failures)('shows in no output when SQS %s', async (_, answer) => {
    const { route, outputs } = makeHost(answer);

    const seen = await outputs(await route(post({ payload })));

    expect(JSON.stringify(seen)).not.toContain(CANARY);
  });

  it.each([
    ['an invalid payload', { payload: { ...payload, content: [CANARY], [CANARY]: CANARY } }],
    ['a refused media URL', { payload: { ...payload, mediaUrls: [`https://10.0.0.1/${CANARY}`] } }],
    ['a payload that is text', { payload: CANARY }],
    ['an invalid priority', { payload, priority: CANARY }],
  ])('shows in no output with %s', async (_, body) => {
    const { route, outputs } = makeHost(() => ({ Successful: [{ Id: '0' }] }));
    const response = await route(post(body));
    const { status } = response;

    const seen = await outputs(response);

    expect(status).toBe(400);
    expect(JSON.stringify(seen)).not.toContain(CANARY);
  });

  it.each([
    ['no JSON', post(`{"${CANARY}`)],
    ['another field', post({ payload, [CANARY]: CANARY })],
    ['a wrong key', post({ payload, key: `${CANARY} with spaces` })],
    ['the key of another', post({ payload, key: CANARY })],
    ['a wrong id', post({ payload, id: [CANARY] })],
    ['a wrong Idempotency-Key', post({ payload }, { 'idempotency-key': `${CANARY} with spaces` })],
    ['another content type', post({ payload }, { 'content-type': `text/${CANARY}` })],
    ['too much', post({ payload: CANARY.repeat(100_000) })],
  ])('shows in no response to a body with %s', async (_, request) => {
    const { client, heard } = makeClient({ payload: onlyFansMessage });
    const { logger } = heard.ports;
    const route = sendRoute({ client, authenticate: () => ({ key: 'k' }), keyOf: ({ key }) => key, logger });

    const response = await route(request);

    expect(response.status).toBeGreaterThanOrEqual(400);
    const seen = [[...response.headers], await response.text(), heard.logs, heard.spans];
    expect(JSON.stringify(seen)).not.toContain(CANARY);
  });

  it('would be caught: it is in what SQS receives', async () => {
    const bodies: string[] = [];
    const { route } = makeHost((body) => {
      bodies.push(body);
      return { Successful: [{ Id: '0' }] };
    });

    await route(post({ payload }));

    expect(bodies.join()).toContain(CANARY);
  });
});

/** What a host that logs an error sees of it; the cause is what its own SQS client threw. */
function visible(error: unknown): unknown {
  if (!(error instanceof RateLimiterError)) throw error;
  const { cause: _, ...fields } = error;
  return { ...fields, text: String(error), stack: error.stack };
}

function told({ logs, measured, spans }: ReturnType<typeof makeClient>['heard']): object {
  return { logs, measured, spans: spans.map(({ name, error }) => [name, error && visible(error)]) };
}

import {
  LimiterUnavailableError,
  PermanentError,
  RetryAfterError,
  type PayloadSchema,
} from '@huntaze/rate-limiter-client/contract';
import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { expect, it } from 'vitest';
import type { HandlerEvent } from '../src/telemetry/handler-events.ts';
import { envelope, touchySchema } from '../src/testing/hostile-bodies.ts';
import { makeHandler } from '../src/testing/make-handler.ts';
import { record, sqsEvent } from '../src/testing/records.ts';
import { busy, granted, settled, wait } from '../src/testing/scripted-limiter.ts';

const CANARY = 'tweet-tweet';

/** A payload that is the canary in every place where content can be. */
const payload = { please: 'deliver', text: CANARY, [`${CANARY} as a name`]: [CANARY] };
const secret = (messageId: string, receives = 1) => record({ messageId, receives, message: { payload } });

/** What an upstream's errors like to repeat: the request. */
function leaky(name: string): Error {
  const error = new Error(`the upstream refused "${CANARY}"`, { cause: new Error(CANARY) });
  return Object.assign(error, { name, body: CANARY, stack: CANARY });
}

const hang = () => new Promise<never>(() => {});
const deliveries: Record<string, () => Promise<unknown>> = {
  'm-fails': () => Promise.reject(leaky('UpstreamError')),
  'm-fails-last': () => Promise.reject(leaky('UpstreamError')),
  'm-throws-text': () => Promise.reject(CANARY),
  'm-silence': () => Promise.reject(new RetryAfterError({ retryAfterMs: 5_000, cause: leaky('Http429') })),
  'm-permanent': () => Promise.reject(new PermanentError('refused', leaky('Http400'))),
  'm-hangs': hang,
};

const unreadable = [
  envelope({ payload: { ...payload, please: 'refuse' } }),
  envelope({ payload: { ...payload, please: 'reject' } }),
  envelope({ v: CANARY, payload }),
  envelope({ life: CANARY, payload }),
  envelope({ id: `${CANARY} with a space`, payload }),
  envelope({ key: [CANARY], payload }),
  envelope({ priority: CANARY, payload }),
  envelope({ enqueuedAtMs: CANARY, payload }),
  envelope({ traceparent: CANARY.repeat(100), payload }),
  envelope({ payload }).slice(0, -1),
  CANARY,
  JSON.stringify(CANARY),
];

it('lets no payload content out, by whatever port and whatever happens', async () => {
  const clock = fakeClock();
  const ids = Object.keys(deliveries);
  const events: HandlerEvent[] = [];
  const spans: unknown[] = [];
  const { handler, sqs, logs, measured } = makeHandler({
    clock,
    onEvent: (event) => events.push(event),
    tracer: {
      startSpan(name, parent) {
        spans.push([name, parent]);
        return { context: undefined, end: (error) => spans.push(String(error)) };
      },
    },
    payload: touchySchema,
    concurrency: 50,
    leaseMs: 1_000,
    admissions: (nowMs) => [
      ...ids.map((id) => granted(id === 'm-fails-last' ? 5 : 1)),
      granted(),
      wait(nowMs + 60_000),
      busy(nowMs + 60_000),
      settled(),
      new LimiterUnavailableError('no answer', leaky('ReplyError')),
    ],
    recordSettlement: ({ id }) => {
      if (id === 'm-fails') throw new LimiterUnavailableError('no answer', leaky('ReplyError'));
      return id !== 'm-silence';
    },
    sqsFaults: {
      park: () => {
        throw leaky('RequestThrottled');
      },
      bury: (body) => {
        if (body === CANARY) throw leaky('QueueDoesNotExist');
      },
    },
    deliver: ({ id }) => deliveries[id]?.() ?? Promise.resolve(CANARY),
  });
  const batch = [...ids, 'm-good', 'm-waits', 'm-busy', 'm-settled'].map((id) => secret(id));
  const outage = record({ messageId: 'm-outage', message: { key: 'account-2', payload } });

  const response = handler(
    sqsEvent(...batch, outage, ...unreadable.map((body, index) => record({ messageId: `u-${index}`, body }))),
  );
  await clock.advance(1_250);

  const letters = sqs.deadLetters.map(({ attributes, groupId, deduplicationId }) => ({
    attributes,
    groupId,
    deduplicationId,
  }));
  expect((await response).batchItemFailures).not.toEqual([]);
  expect(letters).toHaveLength(unreadable.length + 1);
  expect(new Set(logs.map(({ message }) => message)).size).toBe(10);
  expect(new Set(events.map(({ kind }) => kind)).size).toBe(8);
  expect(spans).toHaveLength(2 * (ids.length + 1));
  expect(JSON.stringify([logs, measured, events, spans, letters, await response])).not.toContain(CANARY);
});

const quoting: Record<string, () => unknown> = {
  'in a message': () => ({ issues: [{ message: `found "${CANARY}"`, path: [CANARY, { key: CANARY }] }] }),
  'in what it throws': () => {
    throw Object.assign(new Error(CANARY), { code: 'PAYLOAD', name: CANARY });
  },
  'in what it rejects with': () => Promise.reject(new TypeError(CANARY)),
};

it.each(Object.entries(quoting))('lets out nothing that a schema quotes %s', async (_, validate) => {
  const letters = (schemaMessages: boolean) => {
    const schema = { '~standard': { version: 1, vendor: 'quotes', validate } } as PayloadSchema;
    return makeHandler({ payload: schema, schemaMessages });
  };
  const [quiet, loud] = [letters(false), letters(true)];

  await quiet.handler(sqsEvent(secret('m-1')));
  await loud.handler(sqsEvent(secret('m-1')));

  expect(quiet.sqs.deadLetters[0]?.attributes).toMatchObject({ reason: 'invalid-payload' });
  const outputs = ({ logs, measured, sqs }: typeof quiet) =>
    JSON.stringify([logs, measured, sqs.deadLetters.map(({ attributes }) => attributes)]);
  expect(outputs(quiet)).not.toContain(CANARY);
  expect(outputs(loud)).toContain(CANARY);
});

it('would be caught: the canary is in what deliver receives', async () => {
  const seen: unknown[] = [];
  const { handler } = makeHandler({ deliver: async (message) => void seen.push(message) });

  await handler(sqsEvent(secret('m-1')));

  expect(JSON.stringify(seen)).toContain(CANARY);
});

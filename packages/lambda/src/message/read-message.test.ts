import { describe, expect, it } from 'vitest';
import {
  envelope,
  hostileBodies,
  MAX_MESSAGE_BYTES,
  oddBodies,
  touchySchema,
} from '../testing/hostile-bodies.ts';
import { makeHandler } from '../testing/make-handler.ts';
import { listing, record, sqsEvent } from '../testing/records.ts';

/** Handles a body between two healthy messages. */
async function handle(body: string) {
  const payloads: string[] = [];
  const made = makeHandler({
    payload: touchySchema,
    deliver: async ({ id, payload }) => {
      if (!id.startsWith('healthy')) payloads.push(JSON.stringify(payload));
    },
  });
  const response = await made.handler(
    sqsEvent(
      record({ messageId: 'healthy-1' }),
      record({ messageId: 'x', body }),
      record({ messageId: 'healthy-2' }),
    ),
  );
  return { ...made, response, payloads, delivered: made.calls.map(({ id }) => id) };
}

describe('a body that can never be delivered', () => {
  it.each(hostileBodies)(
    'is set aside while its neighbours are delivered: $name',
    async ({ body, reason }) => {
      const { response, delivered, sqs, measured } = await handle(body);

      expect(response).toEqual(listing());
      expect(delivered).toEqual(['healthy-1', 'healthy-2']);
      expect(sqs.deadLetters).toMatchObject([{ body, attributes: { reason, attempts: '0' } }]);
      expect(measured).toContainEqual({ name: 'MessagesFailed', value: 1 });
      expectCleanPrototypes();
    },
  );

  it.each(hostileBodies)('is set aside with a detail in words: $name', async ({ body }) => {
    const { sqs } = await handle(body);

    expect(sqs.deadLetters[0]?.attributes['detail']).toMatch(/expected|schema|unknown/);
  });

  it.each([MAX_MESSAGE_BYTES - 100, MAX_MESSAGE_BYTES - 1, MAX_MESSAGE_BYTES, MAX_MESSAGE_BYTES + 1])(
    'of %i bytes leaves no room for attributes and goes without',
    async (bytes) => {
      const body = 'x'.repeat(bytes);
      const { response, sqs, logs } = await handle(body);

      expect(response).toEqual(listing());
      expect(sqs.deadLetters).toMatchObject([{ body, attributes: {} }]);
      expect(logs.map(({ fields }) => fields)).toContainEqual(
        expect.objectContaining({ reason: 'malformed-body' }),
      );
    },
  );

  it('has its attributes when they just fit, and not one byte later', async () => {
    const { sqs } = await handle('x');
    const attributes = Object.entries(sqs.deadLetters[0]!.attributes);
    const dataTypes = 3 * 'String'.length + 2 * 'Number'.length;
    const room = Buffer.byteLength(attributes.flat().join('')) + dataTypes;

    const fitting = await handle('x'.repeat(MAX_MESSAGE_BYTES - room));
    const bursting = await handle('x'.repeat(MAX_MESSAGE_BYTES - room + 1));

    expect(fitting.sqs.deadLetters[0]?.attributes).toMatchObject({ reason: 'malformed-body' });
    expect(bursting.sqs.deadLetters[0]?.attributes).toEqual({});
  });

  it('costs nobody a place: the limiter does not hear of it', async () => {
    const { limiter } = await handle(envelope({ v: 2 }));
    expect(limiter.asked.flatMap(({ candidates }) => candidates.map(({ id }) => id))).toEqual([
      'healthy-1',
      'healthy-2',
    ]);
  });
});

describe('a body that only looks odd', () => {
  it.each(oddBodies)('is carried unharmed: $name', async ({ body, payload }) => {
    const { response, delivered, payloads, sqs } = await handle(body);

    expect(response).toEqual(listing());
    expect(delivered).toHaveLength(3);
    expect(sqs.deadLetters).toEqual([]);
    expect(payloads).toEqual([JSON.stringify(JSON.parse(payload))]);
    expectCleanPrototypes();
  });

  it('reaches deliver without a prototype of its own making', async () => {
    const seen: unknown[] = [];
    const { handler } = makeHandler({ deliver: async ({ payload }) => void seen.push(payload) });

    await handler(
      sqsEvent(record({ body: envelope({ payload: JSON.parse('{"__proto__":{"admin":true}}') }) })),
    );

    expect(Object.getPrototypeOf(seen[0])).toBe(Object.prototype);
    expect(Object.keys(seen[0] as object)).toEqual(['__proto__']);
    expect((seen[0] as { admin?: unknown }).admin).toBeUndefined();
  });
});

it('a schema that transforms gives deliver its output', async () => {
  const seen: unknown[] = [];
  const { handler } = makeHandler({
    payload: {
      '~standard': { version: 1, vendor: 'test', validate: async (value) => ({ value: { wrapped: value } }) },
    },
    deliver: async ({ payload }) => void seen.push(payload),
  });

  await handler(sqsEvent(record({ message: { payload: 7 } })));

  expect(seen).toEqual([{ wrapped: 7 }]);
});

function expectCleanPrototypes(): void {
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  expect(Object.keys(Array.prototype)).toEqual([]);
}

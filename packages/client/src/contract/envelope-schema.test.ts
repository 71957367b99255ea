import { readFileSync } from 'node:fs';
import { Ajv2020, type AnySchemaObject } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ENVELOPE_VERSION, parseMessage, priorities, serializeMessage } from './message.ts';
import { MAX_JSON_DEPTH } from './json.ts';

const file = new URL(import.meta.resolve('@huntaze/rate-limiter-client/envelope.schema.json'));
const schema = JSON.parse(readFileSync(file, 'utf8')) as AnySchemaObject;
const isValid = new Ajv2020({ strict: true, allErrors: true }).compile(schema);
const isParsed = (body: string) => parseMessage(body).kind === 'message';

const envelope = {
  v: ENVELOPE_VERSION,
  id: 'm-1',
  key: 'account-1',
  priority: 'medium',
  enqueuedAtMs: 1_767_225_600_000,
  payload: { text: 'hello' },
} as const;

const character = fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCodePoint(code));
const identifier = fc.string({ unit: character, minLength: 1, maxLength: 128 });
/** Texts of lengths around those that a rule names, of characters that one, two or three code units stand for. */
const lengths = fc
  .record({
    unit: fc.constantFrom('a', '~', ' ', 'é', '€', '👩', '\n', '\u007F', '\uD800'),
    count: fc.constantFrom(0, 1, 127, 128, 129, 256, 257, 511, 512, 513),
  })
  .map(({ unit, count }) => unit.repeat(count));
const number = fc.oneof(
  fc.constantFrom(0, -0, 1, -1, 1.5, 2 ** 53 - 1, 2 ** 53, 1e300),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const odd = fc.oneof(lengths, number, fc.constantFrom(null, true, 'urgent', 'HIGH', '1'), fc.jsonValue());
const payload = fc.jsonValue();

/** Each field as it should be, or as something else, or not there. */
const field = (good: fc.Arbitrary<unknown>) =>
  fc.oneof(
    { arbitrary: good, weight: 8 },
    { arbitrary: odd, weight: 1 },
    { arbitrary: fc.constant(undefined), weight: 1 },
  );
const anyEnvelope = fc.record({
  v: field(fc.constant(ENVELOPE_VERSION)),
  id: field(fc.oneof(identifier, lengths)),
  key: field(fc.oneof(identifier, lengths)),
  priority: field(fc.constantFrom(...priorities)),
  enqueuedAtMs: field(fc.maxSafeNat()),
  payload: field(payload),
  life: field(fc.option(fc.integer({ min: 1 }), { nil: undefined })),
  traceparent: field(fc.option(lengths, { nil: undefined })),
  tracestate: field(fc.option(lengths, { nil: undefined })),
  later: fc.option(fc.jsonValue(), { nil: undefined }),
});

describe('the JSON Schema of the envelope', () => {
  it('accepts exactly what the handler reads', () => {
    let read = 0;
    fc.assert(
      fc.property(anyEnvelope, (fields) => {
        const body = JSON.stringify(fields);
        expect(isParsed(body)).toBe(isValid(JSON.parse(body)));
        if (isParsed(body)) read += 1;
      }),
      { numRuns: 3_000 },
    );
    // Neither side of it is empty.
    expect(read).toBeGreaterThan(50);
    expect(read).toBeLessThan(2_950);
  });

  it('accepts what a client writes', () => {
    fc.assert(
      fc.property(
        identifier,
        identifier,
        fc.constantFrom(...priorities),
        payload,
        (id, key, priority, json) => {
          const body = serializeMessage({ id, key, priority, payload: json, enqueuedAtMs: 0, life: 2 });
          expect(isValid(JSON.parse(body))).toBe(true);
        },
      ),
    );
  });

  it('accepts no JSON that is no object', () => {
    fc.assert(
      fc.property(odd, (value) => {
        expect(isValid(value)).toBe(isParsed(JSON.stringify(value)));
      }),
    );
  });

  it.each(
    ['', ' ', 'a b', 'a\n', '\n', 'é', '\u007F', 'a'.repeat(129)].flatMap((text) =>
      (['id', 'key'] as const).map((name) => [name, text] as const),
    ),
  )('refuses %s %j, as the handler does', (name, text) => {
    const body = { ...envelope, [name]: text };
    expect([isValid(body), isParsed(JSON.stringify(body))]).toEqual([false, false]);
  });

  it('leaves one rule to words: how deep a payload nests', () => {
    const nested = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth));
    const bodies = [MAX_JSON_DEPTH, MAX_JSON_DEPTH + 1].map((depth) => ({
      ...envelope,
      payload: nested(depth),
    }));
    expect(bodies.map((body) => isValid(body))).toEqual([true, true]);
    expect(bodies.map((body) => isParsed(JSON.stringify(body)))).toEqual([true, false]);
    expect(schema['description']).toContain(`${MAX_JSON_DEPTH} deep`);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { identifierProblem, parseMessage, priorities, serializeMessage, type Message } from './message.ts';

const identifier = fc.string({
  unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCodePoint(code)),
  minLength: 1,
  maxLength: 128,
});
const trace = fc.string({ maxLength: 512 });
const anyMessage: fc.Arbitrary<Message> = fc.record(
  {
    id: identifier,
    key: identifier,
    priority: fc.constantFrom(...priorities),
    payload: fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value))),
    enqueuedAtMs: fc.maxSafeNat(),
    life: fc.integer({ min: 2, max: Number.MAX_SAFE_INTEGER }),
    traceparent: trace,
    tracestate: trace,
  },
  { requiredKeys: ['id', 'key', 'priority', 'payload', 'enqueuedAtMs'] },
);

const message: Message = {
  id: 'm-1',
  key: 'k',
  priority: 'low',
  payload: { a: 1 },
  enqueuedAtMs: 1_767_225_600_000,
};
const bodyWith = (fields: object) => JSON.stringify({ v: 1, ...message, ...fields });

describe('the body of a message', () => {
  it('reads back as the message that was written', () => {
    fc.assert(
      fc.property(anyMessage, (written) => {
        expect(parseMessage(serializeMessage(written))).toEqual({ kind: 'message', message: written });
      }),
    );
  });

  it('is version 1 of a documented form', () => {
    expect(serializeMessage({ ...message, traceparent: '00-a-b-01' })).toBe(
      '{"v":1,"id":"m-1","key":"k","priority":"low","enqueuedAtMs":1767225600000,"traceparent":"00-a-b-01","payload":{"a":1}}',
    );
  });

  it('may have fields that this version does not know', () => {
    expect(parseMessage(bodyWith({ later: true }))).toEqual({ kind: 'message', message });
  });

  it('keeps payload fields that JavaScript treats specially', () => {
    const json = '{"__proto__":{"polluted":true},"constructor":1}';
    const parsed = parseMessage(serializeMessage({ ...message, payload: JSON.parse(json) }));

    expect(parsed.kind === 'message' && JSON.stringify(parsed.message.payload)).toBe(json);
    expect({}).not.toHaveProperty('polluted');
  });
});

describe('the life of a message', () => {
  it('is read where there is one, and the first needs none', () => {
    expect(parseMessage(bodyWith({ life: 2 }))).toEqual({
      kind: 'message',
      message: { ...message, life: 2 },
    });
    expect(parseMessage(bodyWith({ life: 1 }))).toEqual({ kind: 'message', message });
  });

  it.each([0, 1.5, -1, '2', null, 2 ** 53])('is not %j', (life) => {
    const read = parseMessage(bodyWith({ life }));
    expect(read).toMatchObject({ kind: 'malformed' });
    expect(JSON.stringify(read)).toContain('life: expected a whole number from 1, found ');
  });
});

describe('reading a body', () => {
  it('never throws, whatever it is', () => {
    const anything = fc.oneof(
      fc.anything(),
      fc.string(),
      fc.json(),
      fc.object().map((fields) => JSON.stringify({ v: 1, ...message, ...fields })),
      fc
        .record({ id: fc.anything(), key: fc.anything(), payload: fc.anything() })
        .map((fields) => safeJson({ v: 1, ...message, ...fields })),
    );
    fc.assert(
      fc.property(anything, (body) => {
        expect(['message', 'malformed', 'unknown-version']).toContain(parseMessage(body).kind);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    [undefined, 'expected a string body, found undefined'],
    ['', 'expected a JSON object, found text that is not JSON'],
    ['{"v":1', 'expected a JSON object, found text that is not JSON'],
    ['[]', 'expected a JSON object, found an array'],
    ['null', 'expected a JSON object, found null'],
    ['"text"', 'expected a JSON object, found a string'],
    ['{}', 'expected v: 1, found no version: not a body this package wrote'],
    ['{"__proto__":{"v":1}}', 'expected v: 1, found no version: not a body this package wrote'],
    [
      bodyWith({ id: undefined }),
      'id: expected 1 to 128 printable ASCII characters without spaces, found undefined',
    ],
    [
      bodyWith({ id: 'a b' }),
      'id: expected 1 to 128 printable ASCII characters without spaces, found other characters',
    ],
    [
      bodyWith({ key: 'k'.repeat(129) }),
      'key: expected 1 to 128 printable ASCII characters without spaces, found 129 characters',
    ],
    [
      bodyWith({ key: 7 }),
      'key: expected 1 to 128 printable ASCII characters without spaces, found a number',
    ],
    [bodyWith({ priority: 'urgent' }), 'priority: expected one of high, medium, low, found another string'],
    [bodyWith({ priority: 'toString' }), 'priority: expected one of high, medium, low, found another string'],
    [
      bodyWith({ enqueuedAtMs: 1.5 }),
      'enqueuedAtMs: expected whole milliseconds since 1970, found another number',
    ],
    [
      bodyWith({ enqueuedAtMs: -1 }),
      'enqueuedAtMs: expected whole milliseconds since 1970, found another number',
    ],
    [bodyWith({ enqueuedAtMs: '1' }), 'enqueuedAtMs: expected whole milliseconds since 1970, found a string'],
    [
      bodyWith({ traceparent: 7 }),
      'traceparent: expected at most 512 characters of trace context, found a number',
    ],
    [
      bodyWith({ tracestate: 't'.repeat(513) }),
      'tracestate: expected at most 512 characters of trace context, found 513 characters',
    ],
    [bodyWith({ payload: undefined }), 'payload: expected JSON data, found nothing'],
    [
      bodyWith({ payload: JSON.parse('['.repeat(101) + ']'.repeat(101)) }),
      'payload: expected at most 100 levels of nesting, found more',
    ],
  ])('calls %j malformed', (body, detail) => {
    expect(parseMessage(body)).toEqual({ kind: 'malformed', detail });
  });

  it.each([
    [2, 'v: 2'],
    ['1', 'a string'],
    [null, 'null'],
  ])('tells a version %j from a malformed body', (v, found) => {
    expect(parseMessage(bodyWith({ v }))).toEqual({
      kind: 'unknown-version',
      detail: `expected v: 1, found ${found}: deploy the handler before the client`,
    });
  });
});

describe('a key or an id', () => {
  it('is 1 to 128 characters that SQS takes as MessageGroupId', () => {
    fc.assert(
      fc.property(identifier, (value) => {
        expect(identifierProblem('key', value)).toBeUndefined();
      }),
    );
  });

  it.each(['', ' ', 'a b', 'é', 'a\n', '\u007F', '€', 'a'.repeat(129), undefined, null, 7, ['a']])(
    'is not %j',
    (value) => {
      expect(identifierProblem('key', value)).toMatchObject({ path: 'key' });
    },
  );
});

function safeJson(value: unknown): unknown {
  try {
    return JSON.stringify(value);
  } catch {
    return value;
  }
}

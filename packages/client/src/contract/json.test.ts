import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isTooDeep, jsonProblem, MAX_JSON_DEPTH, toAcceptedText } from './json.ts';

/** As a payload becomes part of a body. */
function toJson(value: unknown): string {
  const problem = jsonProblem(value, 'payload');
  if (problem) throw new TypeError(problem.message);
  return toAcceptedText(value);
}

/** Arrays inside each other. */
function nested(levels: number): unknown {
  return levels === 0 ? 0 : [nested(levels - 1)];
}

function refusalOf(value: unknown): string {
  const problem = jsonProblem(value, 'payload');
  return problem ? `${problem.path}: ${problem.message}`.replace(/: convert it to .*/, '') : 'accepted';
}

describe('a payload in a body', () => {
  it('writes any JSON value so that it reads back the same', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(toJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('writes any text with characters that every server takes, and it reads back the same', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const json = toJson({ [text]: text });

        expect(json).toMatch(/^[\t\n\r\u0020-\uD7FF\uE000-\uFFFD]*$/);
        expect(JSON.parse(json)).toEqual({ [text]: text });
      }),
    );
  });

  it.each([
    ['U+FFFE and U+FFFF', '\uFFFE\uFFFF', String.raw`"\ufffe\uffff"`],
    ['what lies above', '👋', String.raw`"\ud83d\udc4b"`],
    ['lone surrogates', '\uD800', String.raw`"\ud800"`],
    ['control characters', '\u0000\u000B', String.raw`"\u0000\u000b"`],
  ])('escapes %s, which SQS refuses', (_, text, json) => {
    expect(toJson(text)).toBe(json);
  });

  it.each([
    ['undefined', undefined, 'payload: expected JSON data, found undefined'],
    ['a function', () => {}, 'payload: expected JSON data, found a function'],
    ['a symbol', Symbol('s'), 'payload: expected JSON data, found a symbol'],
    ['a bigint', 1n, 'payload: expected JSON data, found a bigint'],
    ['NaN', Number.NaN, 'payload: expected JSON data, found a number that is not finite'],
    ['an infinity', [-Infinity], 'payload[0]: expected JSON data, found a number that is not finite'],
    ['a Date', { at: new Date(0) }, 'payload[0]: expected JSON data, found a Date'],
    ['a Map', new Map(), 'payload: expected JSON data, found a Map'],
    ['bytes', { a: [new Uint8Array(1)] }, 'payload[0][0]: expected JSON data, found a Uint8Array'],
    ['a URL', new URL('https://example.com'), 'payload: expected JSON data, found a URL'],
    ['an error', new Error('x'), 'payload: expected JSON data, found a Error'],
    ['an instance of a class', new (class Money {})(), 'payload: expected JSON data, found a Money'],
    ['an object with toJSON', { toJSON: () => 1 }, 'payload: expected JSON data, found an object'],
    [
      'a hole in an array',
      Array.from({ length: 2 }).with(0, 1),
      'payload[1]: expected JSON data, found undefined',
    ],
  ])('refuses %s', (_, value, message) => {
    expect(refusalOf(value)).toBe(message);
  });

  it('takes objects without a prototype, and leaves out undefined fields', () => {
    expect(toJson(Object.assign(Object.create(null), { a: 1, b: undefined }))).toBe('{"a":1}');
  });

  it('takes 100 levels of nesting and no more, nor a cycle', () => {
    const cycle: unknown[] = [];
    cycle.push({ cycle });

    expect(toJson(nested(100))).toHaveLength(201);
    expect(refusalOf(nested(101))).toMatch(/found more than 100 levels of nesting, or a cycle$/);
    expect(refusalOf(cycle)).toMatch(/found more than 100 levels of nesting, or a cycle$/);
  });
});

describe('isTooDeep', () => {
  it('agrees with what is refused on how deep is too deep', () => {
    expect(isTooDeep(nested(MAX_JSON_DEPTH))).toBe(false);
    expect(isTooDeep(nested(MAX_JSON_DEPTH + 1))).toBe(true);
    expect(isTooDeep(JSON.parse('['.repeat(100) + ']'.repeat(100)))).toBe(false);
    expect(isTooDeep(JSON.parse('['.repeat(101) + ']'.repeat(101)))).toBe(true);
  });

  it('survives a depth at which recursion would not', () => {
    expect(isTooDeep(JSON.parse('[{"a":'.repeat(100_000) + '1' + '}]'.repeat(100_000)))).toBe(true);
  });
});

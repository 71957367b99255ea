import { describe, expect, it } from 'vitest';
import { describeType } from './describe-type.ts';

describe('a type in words', () => {
  it.each([
    [null, 'null'],
    [undefined, 'undefined'],
    ['text', 'a string'],
    [1, 'a number'],
    [true, 'a boolean'],
    [[], 'an array'],
    [{}, 'an object'],
    [Object.create(null), 'an object'],
    [new Map(), 'a Map'],
    [JSON.parse('{"constructor":{"name":"SECRET"}}'), 'an object'],
    [{ __proto__: { constructor: undefined } }, 'an object'],
  ])('for %o is %s', (value, words) => {
    expect(describeType(value)).toBe(words);
  });
});

import { describe, expect, it } from 'vitest';
import { placeOf, placesIn } from './place.ts';

describe('a place by the names that lead to it', () => {
  it.each([
    [0, 'payload[0]'],
    ['name', 'payload.name'],
    ['with-dash_$1', 'payload.with-dash_$1'],
    ['n'.repeat(64), `payload.${'n'.repeat(64)}`],
    ['n'.repeat(65), 'payload[…]'],
    ['fan@example.com', 'payload[…]'],
    ['two words', 'payload[…]'],
    ['line\nbreak', 'payload[…]'],
    ['', 'payload[…]'],
    [Symbol('s'), 'payload[…]'],
  ])('called %s is %s', (key, place) => {
    expect(placeOf('payload', key)).toBe(place);
  });
});

describe('a place by positions', () => {
  const value = { to: 'SECRET', list: [1, { SECRET: null }], 7: new Map([['SECRET', 1]]) };

  it.each([
    ['the value itself', [], 'payload', 'an object'],
    ['a field', ['to'], 'payload[1]', 'a string'],
    ['an item', ['list', 0], 'payload[2][0]', 'a number'],
    ['an item by its name', ['list', '1'], 'payload[2][1]', 'an object'],
    ['a field of an item', ['list', 1, 'SECRET'], 'payload[2][1][0]', 'null'],
    ['a field that is called by a number', [7], 'payload[0]', 'a Map'],
    ['a field that is missing', ['SECRET'], 'payload[?]', 'nothing'],
    ['what would be inside it', ['SECRET', 'a', 'b'], 'payload[?]', 'nothing'],
    ['an item that is missing', ['list', 4711], 'payload[2][?]', 'nothing'],
    ['an entry of a map', [7, 'SECRET'], 'payload[0][?]', 'nothing'],
    ['a character', ['to', 0], 'payload[1][?]', 'nothing'],
    ['what was inherited', ['toString'], 'payload[?]', 'nothing'],
    ['a key that is no name', [Symbol('SECRET')], 'payload[?]', 'nothing'],
    ['a key that is an object', [{ SECRET: 1 }], 'payload[?]', 'nothing'],
    ['a key that cannot be read', [Object.create(null)], 'payload[?]', 'what throws when it is read'],
  ])('of %s tells no name', (_, keys, path, found) => {
    expect(placesIn(value, 'payload')(keys)).toEqual({ path, found });
  });

  it('of a getter that throws is told all the same', () => {
    const trap = {
      get a() {
        throw new Error('SECRET');
      },
    };

    expect(placesIn(trap, 'payload')(['a'])).toEqual({
      path: 'payload[?]',
      found: 'what throws when it is read',
    });
  });

  it('are found for as many problems as there are fields', () => {
    const names = Array.from({ length: 250_000 }, (_, index) => `n${index}`);
    const find = placesIn(Object.fromEntries(names.map((name) => [name, 1])), 'payload');

    expect(names.map((name) => find([name]).path).at(-1)).toBe('payload[249999]');
  });
});

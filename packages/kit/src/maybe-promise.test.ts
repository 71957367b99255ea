import { expect, it } from 'vitest';
import { andThen, isPromise } from './maybe-promise.ts';

it('goes on at once with a value that is there', () => {
  expect(andThen(2, (value) => value + 1)).toBe(3);
});

it('goes on later with a value that comes later', async () => {
  const next = andThen(Promise.resolve(2), (value) => value + 1);

  expect(isPromise(next)).toBe(true);
  expect(await next).toBe(3);
});

it.each([undefined, null, 0, '', {}, () => {}])('has nothing to await of %j', (value) => {
  expect(isPromise<unknown>(value)).toBe(false);
});

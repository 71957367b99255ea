import { expect, it } from 'vitest';
import { firstIndex } from './first-index.ts';

it.each([0, 1, 2, 3, 7, 100])('finds the first of %i items from which on something holds', (length) => {
  const items = Array.from({ length }, (_, index) => index);
  const found = [...items, length].map((least) => firstIndex(items, (item) => item >= least));

  expect(found).toEqual([...items, length]);
});

it('looks at 14 of 10,000 items at most', () => {
  const items = Array.from({ length: 10_000 }, (_, index) => index);
  const looks = items.map((least) => {
    let count = 0;
    firstIndex(items, (item) => ++count > 0 && item >= least);
    return count;
  });

  expect(Math.max(...looks)).toBe(14);
});

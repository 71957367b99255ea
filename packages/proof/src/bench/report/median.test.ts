import { describe, expect, it } from 'vitest';
import { median } from './median.ts';

describe('the median', () => {
  it('is the middle value, whatever the order', () => {
    expect(median([9, 1, 5])).toBe(5);
  });

  it('is the mean of the middle two when there is no middle one', () => {
    expect(median([10, 1, 2, 4])).toBe(3);
  });

  it('is not moved by one wild value', () => {
    expect(median([1, 2, 3, 4, 1_000_000])).toBe(3);
  });

  it('leaves the values in their order', () => {
    const values = [3, 1, 2];
    median(values);
    expect(values).toEqual([3, 1, 2]);
  });

  it('does not exist without values', () => {
    expect(() => median([])).toThrow('expected at least one value');
  });
});

import { describe, expect, it } from 'vitest';
import { dueBefore } from './due-order.ts';

describe('the place in the order of what is due', () => {
  it.each([
    [{ dueAtMs: 5, number: 0 }, 0],
    [{ dueAtMs: 10, number: 2 }, 0],
    [{ dueAtMs: 10, number: 3 }, 1],
    [{ dueAtMs: 10, number: 7 }, 1],
    [{ dueAtMs: 10, number: Infinity }, 2],
    [{ dueAtMs: 20, number: -1 }, 2],
    [{ dueAtMs: Infinity, number: -1 }, 3],
    [{ dueAtMs: Infinity, number: 1 }, 4],
    [{ dueAtMs: Infinity, number: 9 }, 5],
  ])('of %o is behind %i others: by the time, then by the number', (one, place) => {
    const inOrder = [
      { dueAtMs: 10, number: 2 },
      { dueAtMs: 10, number: 7 },
      { dueAtMs: 20, number: 4 },
      { dueAtMs: Infinity, number: 0 },
      { dueAtMs: Infinity, number: 8 },
    ];
    expect(dueBefore(one, inOrder)).toBe(place);
  });

  it('is found among 10,000 with 14 comparisons at most', () => {
    let comparisons = 0;
    const inOrder = Array.from({ length: 10_000 }, (_, number) => ({
      number,
      get dueAtMs() {
        comparisons++;
        return number;
      },
    }));
    const most = inOrder.map(({ number }) => {
      comparisons = 0;
      expect(dueBefore({ dueAtMs: number, number }, inOrder)).toBe(number);
      return comparisons;
    });
    expect(Math.max(...most)).toBe(14);
  });
});

import { describe, expect, it } from 'vitest';
import { chunksOf, inLanes, inParallel } from './concurrency.ts';

/** Work that a test ends by hand, and how much of it was under way at once. */
function makeWork() {
  const seen = { underWay: 0, most: 0, begun: [] as number[] };
  const work = async (item: number) => {
    seen.begun.push(item);
    seen.most = Math.max(seen.most, ++seen.underWay);
    await Promise.resolve();
    seen.underWay--;
    return item * 10;
  };
  return { seen, work };
}

describe('work in parallel', () => {
  it('has so many items under way at most, and results in the order of the items', async () => {
    const { seen, work } = makeWork();

    expect(await inParallel([1, 2, 3, 4, 5], 2, work)).toEqual([10, 20, 30, 40, 50]);
    expect(seen).toEqual({ underWay: 0, most: 2, begun: [1, 2, 3, 4, 5] });
  });

  it('rejects with the first failure', async () => {
    const failure = new Error('third');

    await expect(
      inParallel([1, 2, 3], 3, async (item) => {
        if (item === 3) throw failure;
      }),
    ).rejects.toBe(failure);
  });

  it('runs each lane once', async () => {
    let lanes = 0;

    await inLanes(3, async () => void lanes++);

    expect(lanes).toBe(3);
  });
});

describe('chunks', () => {
  it('hold as many items as they may, in their order', () => {
    expect([...chunksOf([1, 2, 3, 4, 5], { maxItems: 2 })]).toEqual([[1, 2], [3, 4], [5]]);
    expect([...chunksOf([], { maxItems: 2 })]).toEqual([]);
  });

  it('are no larger than they may be, unless one item is', () => {
    const limits = { maxItems: 10, maxSize: 10, sizeOf: (size: number) => size };

    expect([...chunksOf([4, 6, 1, 11, 2], limits)]).toEqual([[4, 6], [1], [11], [2]]);
  });
});

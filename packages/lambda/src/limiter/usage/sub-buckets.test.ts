import { expect, it } from 'vitest';
import { coarseStampUs, compacted, SUB_BUCKETS } from './sub-buckets.ts';

const WINDOW_US = 12_000_000;
const NOW_US = 1_767_225_767_734_893;
const resolution = { finestUs: 65_536, spanUs: WINDOW_US };

it('counts nothing again in a window that has let it go for a hundredth of its length', () => {
  const letGo = Array.from(
    { length: 400 },
    (_, i) => NOW_US - WINDOW_US * (1 + 1 / SUB_BUCKETS) - i * 10_000,
  );

  const again = letGo.filter((stampUs) => coarseStampUs(stampUs, NOW_US, resolution) > NOW_US - WINDOW_US);

  expect(again).toEqual([]);
});

it('keeps few sub-buckets of what is far beyond all windows', () => {
  const old = Array.from({ length: 1_000 }, (_, i) => [NOW_US - 2 * WINDOW_US - i * 12_000, 1] as const);

  expect(compacted(old, NOW_US, 10 * WINDOW_US, resolution).size).toBeLessThan(10);
});

import { beforeAll, describe, expect, it } from 'vitest';
import { comparePacing, pacingTable, type Comparison } from './pacing-table.ts';

const titles = ['1,000, one priority', '1,000, mixed', '10,000, one priority', '10,000, mixed'];

describe('a backlog through our handler and through the obvious one, in virtual time', () => {
  let comparisons: readonly Comparison[] = [];
  const comparison = (title: string) => comparisons.find((one) => one.title === title)!;

  beforeAll(async () => {
    comparisons = await comparePacing(1);
    console.log(pacingTable(comparisons));
  }, 120_000);

  it.each(titles)('ours delivers all at the limit, in few receives (%s)', (title) => {
    const { ours, messages } = comparison(title);
    const isMixed = title.endsWith('mixed');
    expect(ours).toMatchObject({ delivered: messages, deadLetters: 0, mostInWindow: 10 });
    expect(ours.lastOverIdeal).toBeLessThanOrEqual(1.01);
    expect(ours.receivesPerMessage).toBeLessThanOrEqual(isMixed ? 3.2 : 2.5);
    expect(ours.mostReceives).toBeLessThanOrEqual(isMixed ? 8 : 5);
    expect(ours.highMedian?.overIdeal ?? 1).toBeLessThanOrEqual(1.1);
  });

  it.each(titles)('the obvious one loses nearly all of them (%s)', (title) => {
    const { obvious, messages } = comparison(title);
    expect(obvious.delivered + obvious.deadLetters).toBe(messages);
    expect(obvious.deadLetters).toBeGreaterThan(0.9 * messages);
  });
});

import { describe, expect, it } from 'vitest';
import { table, times, whole } from './table.ts';

describe('a table', () => {
  it('has its first column left, its figures right, all as wide as the widest cell', () => {
    const text = table(
      ['callers', 'ours'],
      [
        ['1', '27,000'],
        ['one hundred', '9'],
      ],
    );
    expect(text).toBe(
      [
        '| callers     |   ours |',
        '| ----------- | -----: |',
        '| 1           | 27,000 |',
        '| one hundred |      9 |',
      ].join('\n'),
    );
  });

  it('shows a missing cell as an empty one', () => {
    expect(table(['what', 'ours', 'theirs'], [['size', '1']])).toContain('| size |    1 |        |');
  });
});

describe('figures', () => {
  it('are rounded and grouped in thousands', () => {
    expect([whole(1_234_567.6), whole(12)]).toEqual(['1,234,568', '12']);
  });

  it('are compared with two decimals', () => {
    expect([times(4), times(1.096)]).toEqual(['4.00×', '1.10×']);
  });

  it('say whether a target is met', () => {
    expect([times(2.5, 2.5), times(2.49, 2.5)]).toEqual(['2.50× ≥ 2.5', '2.49× < 2.5']);
  });
});

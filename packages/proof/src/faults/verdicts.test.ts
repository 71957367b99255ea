import { describe, expect, it } from 'vitest';
import { broken, report, type Verdict } from './verdicts.ts';

const verdict = (overrides: Partial<Verdict> = {}): Verdict => ({
  where: 'Redis',
  fault: 'SIGSTOP',
  delivery: 'at-most-once',
  injected: 1,
  seen: { count: 2, what: 'calls without answer' },
  messages: 70,
  lost: 0,
  uncertain: 3,
  uncertainAllowed: 5,
  missing: 0,
  deadLetters: 0,
  duplicates: 0,
  duplicatesAllowed: 0,
  worstWindow: 10,
  apart: 0,
  late: 0,
  ...overrides,
});

describe('a verdict', () => {
  it('is without blame when every guarantee held', () => {
    expect(broken(verdict())).toEqual([]);
    expect(broken(verdict({ worstWindow: undefined }))).toEqual([]);
  });

  it.each<[Partial<Verdict>, string]>([
    [{ injected: 0 }, 'expected the fault to strike, found that it never did'],
    [{ seen: { count: 0, what: 'answers' } }, 'expected the fault to be seen, found no answers'],
    [{ lost: 1 }, 'expected no message lost, found 1'],
    [{ deadLetters: 1 }, 'expected no dead letter, found 1'],
    [{ uncertain: 6 }, 'expected at most 5 uncertain messages, found 6'],
    [{ duplicates: 1 }, 'expected at most 0 duplicates, found 1'],
    [{ worstWindow: 11 }, 'expected at most 10 calls in a window, found 11'],
  ])('blames %j', (overrides, sentence) => {
    expect(broken(verdict(overrides))).toEqual([sentence]);
  });

  it('is a line of the report', () => {
    expect(report([verdict()]).split('\n').at(-1)).toMatch(
      /^\| Redis: SIGSTOP \| at-most-once \| +1 \| 2 calls without answer \| +70 \| +0 \| +0 \(≤ 0\) \| +3 \(≤ 5\) \|/,
    );
  });
});

import { describe, expect, it } from 'vitest';
import { compareSizes } from './compare.ts';

const problems = (recorded: Record<string, number>, measured: Record<string, number>) =>
  compareSizes(recorded, measured).flatMap(({ problem }) => problem ?? []);

describe('the size of a bundle', () => {
  it('may grow by 3 % of what is recorded, and shrink', () => {
    expect(problems({ client: 10_000, http: 1_000 }, { client: 10_300, http: 10 })).toEqual([]);
  });

  it('may grow no more without being recorded anew', () => {
    expect(problems({ client: 10_000, http: 1_000 }, { client: 10_301, http: 1_000 })).toEqual([
      'client: expected at most 3 % more than 10000 bytes, found 10301, +3.0 %: leave something out, or record the sizes again',
    ]);
  });

  it.each([
    ['is new', {}, { client: 1 }, 'client: expected a recorded size, found none: record the sizes again'],
    ['is gone', { client: 1 }, {}, 'client: expected a size, found none: record the sizes again'],
    [
      'is not built',
      { client: 1 },
      { client: -16 },
      'client: expected a build, found none: run "npx pnpm@12 build:js"',
    ],
  ])('is a problem when it %s', (_what, recorded, measured, problem) => {
    expect(problems(recorded, measured)).toEqual([problem]);
  });
});

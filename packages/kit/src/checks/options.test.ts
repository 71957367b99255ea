import { describe, expect, it } from 'vitest';
import { checksOf, filled, optionProblems, type OptionTable } from './options.ts';
import { callable, whole } from './values.ts';

interface Options {
  readonly url: () => string;
  readonly limit?: number | undefined;
  readonly onEvent?: (() => void) | undefined;
}

const table = {
  url: { check: callable },
  limit: { check: whole(1, 10), default: 5 },
  onEvent: { check: callable, default: undefined },
} satisfies OptionTable<Options>;

const url = () => 'https://example.com';

describe('a table of options', () => {
  it('lets an option with a default be left out, and no other', () => {
    expect(optionProblems(checksOf(table), { url })).toEqual([]);
    expect(optionProblems(checksOf(table), {}, 'part.')).toEqual([
      'part.url: expected a function, found undefined',
    ]);
  });

  it('finds every problem, those of what stands beside the options first', () => {
    const wrong = { url, limit: 11, onEvent: null, other: 1 };

    expect(optionProblems(checksOf(table), wrong, '', ['first: expected more, found less'])).toEqual([
      'first: expected more, found less',
      'limit: expected a whole number from 1 to 10, found 11',
      'onEvent: expected a function, found null',
      'other: expected one of url, limit, onEvent, found another option',
    ]);
  });

  it('fills in the defaults of options that are left out or undefined', () => {
    expect(filled<Options, typeof table>(table, { url, limit: undefined })).toEqual({
      url,
      limit: 5,
      onEvent: undefined,
    });
    expect(filled<Options, typeof table>(table, { url, limit: 7 }).limit).toBe(7);
  });
});

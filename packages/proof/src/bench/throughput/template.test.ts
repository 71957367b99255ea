import { describe, expect, it } from 'vitest';
import { cutOut, fillIn } from './template.ts';

describe('a template', () => {
  it('is the text around the values', () => {
    expect(cutOut('bench:{0}:account:message:m-7', ['account', 'm-7'])).toEqual([
      'bench:{0}:',
      0,
      ':message:',
      1,
    ]);
  });

  it('takes the longer of two values that start alike', () => {
    expect(cutOut('m-10', ['m-1', 'm-10'])).toEqual([1]);
  });

  it('gives the text back with the same values, another one with others', () => {
    const template = cutOut('a:m-1:a', ['a', 'm-1']);
    expect(fillIn(template, ['a', 'm-1'])).toBe('a:m-1:a');
    expect(fillIn(template, ['bb', 'm-9'])).toBe('bb:m-9:bb');
  });
});

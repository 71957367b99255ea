import { describe, expect, it } from 'vitest';
import { look, messageOf, nameOf } from './thrown.ts';

describe('what was thrown', () => {
  it('tells its name and its message when it is an error', () => {
    expect([nameOf(new RangeError('no')), messageOf(new RangeError('no'))]).toEqual(['RangeError', 'no']);
  });

  it.each([undefined, null, 'text', 7, {}, Object.create(null), new Error('')])(
    'is unknown otherwise: %s',
    (thrown) => {
      expect(messageOf(thrown)).toBe('unknown');
    },
  );

  it('is unknown when it throws itself', () => {
    const trap = { get: () => trapped() };
    const trapped = (): never => {
      throw new Error('do not look');
    };
    const hostile = new Proxy(new Error('no'), trap);
    expect([nameOf(hostile), messageOf(hostile)]).toEqual(['unknown', 'unknown']);
    expect(look(trapped, 'otherwise')).toBe('otherwise');
  });
});

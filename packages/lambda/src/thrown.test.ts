import { describe, expect, it } from 'vitest';
import { look, messageOf, nameOf } from './thrown.ts';

describe('what was thrown', () => {
  it('tells its name and its message when it is an error', () => {
    expect([nameOf(new RangeError('no')), messageOf(new RangeError('no'))]).toEqual(['RangeError', 'no']);
  });

  it('tells its code when it is an error without a name of its own', () => {
    const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    const odd = Object.assign(new Error('no'), { code: 'a text, not a code' });
    const named = Object.assign(new RangeError('no'), { code: 'ERR_OUT_OF_RANGE' });
    expect([nameOf(refused), nameOf(odd), nameOf(named)]).toEqual(['ECONNREFUSED', 'Error', 'RangeError']);
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

import { describe, expect, it } from 'vitest';
import { errorClass, errorMessage, errorName, namesAmong, safely } from './errors.ts';

describe('a thrown value', () => {
  it('has its name and its message when it is an error', () => {
    const error = new RangeError('no');

    expect([errorName(error), errorMessage(error)]).toEqual(['RangeError', 'no']);
  });

  it('is named by its code when it is an error without a name of its own', () => {
    const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    const odd = Object.assign(new Error('no'), { code: 'a text, not a code' });
    const named = Object.assign(new RangeError('no'), { code: 'ERR_OUT_OF_RANGE' });

    expect([refused, odd, named].map(errorName)).toEqual(['ECONNREFUSED', 'Error', 'RangeError']);
  });

  it.each([undefined, null, 'text', 7, {}, Object.create(null), new Error('')])(
    'has an unknown message otherwise: %s',
    (thrown) => {
      expect(errorMessage(thrown)).toBe('unknown');
    },
  );

  it('is unknown when reading it throws', () => {
    const trapped = (): never => {
      throw new Error('do not look');
    };
    const hostile = new Proxy(new Error('no'), { get: trapped });

    expect([errorName(hostile), errorMessage(hostile), errorClass(hostile)]).toEqual([
      'unknown',
      'unknown',
      'unknown',
    ]);
    expect(safely(trapped, 'otherwise')).toBe('otherwise');
  });

  it('has the class of an error, and the type of anything else', () => {
    class ConnectionLost extends Error {}

    expect([new ConnectionLost(), 'text', undefined].map(errorClass)).toEqual([
      'ConnectionLost',
      'string',
      'undefined',
    ]);
  });
});

describe('the names among what an error holds', () => {
  it('are its texts in the form of a name, in their order', () => {
    expect(namesAmong('SQLITE_BUSY', undefined, 'DatabaseError')).toBe('SQLITE_BUSY DatabaseError');
  });

  it.each([undefined, 5, '', 'the body was {"a":1}', 'x'.repeat(101)])('are none of %j', (candidate) => {
    expect(namesAmong(candidate)).toBeUndefined();
  });
});

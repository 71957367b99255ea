import { NumberValue } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { itemOf, messageOf } from './item.ts';

const attributes = { id: 'account-1 m-1', body: '{}', error: 'down', shard: 'pending#0' };
const numbers = { storedAtMs: 1_700_000_000_000, dueAtMs: 1_700_000_000_001, attempts: 3 };

/** What a document client may be told to make of numbers (`unmarshallOptions.wrapNumbers`). */
const wraps: Readonly<Record<string, (text: string) => unknown>> = {
  'a number': Number,
  'a bigint': BigInt,
  'the SDK’s own wrapper': NumberValue.from,
  'a text': String,
  'an object that holds a text': (value) => ({ value }),
  'an object that converts itself': (text) => ({ toString: () => text }),
};

describe('an item', () => {
  it.each(Object.entries(wraps))('has numbers although the client makes of each %s', (_, wrap) => {
    const wrapped = Object.entries(numbers).map(([name, value]) => [name, wrap(String(value))]);
    expect(itemOf({ ...attributes, ...Object.fromEntries(wrapped) })).toMatchObject(numbers);
  });

  it('has the empty texts that a client wrote as null (`marshallOptions.convertEmptyValues`)', () => {
    expect(messageOf(itemOf({ ...attributes, ...numbers, body: null, error: null }))).toEqual({
      id: 'm-1',
      key: 'account-1',
      body: '',
      storedAtMs: numbers.storedAtMs,
      error: '',
    });
  });
});

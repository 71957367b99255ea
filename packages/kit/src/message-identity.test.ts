import { expect, it } from 'vitest';
import { keyAndId, messageIdentity } from './message-identity.ts';

it('holds the key and the id of a message', () => {
  const message = { key: 'account-1', id: 'm-1' };

  expect(messageIdentity(message)).toBe('account-1 m-1');
  expect(keyAndId(messageIdentity(message))).toEqual(message);
});

it('is not the same for messages whose key and id are the same letters', () => {
  expect(messageIdentity({ key: 'a', id: 'bc' })).not.toBe(messageIdentity({ key: 'ab', id: 'c' }));
});

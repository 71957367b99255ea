import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { naming, queueTag } from './identity.ts';

const EMAIL = 'eu-west-1/123456789012/email';
const SMS = 'eu-west-1/123456789012/sms';

describe('the names that a limiter keeps', () => {
  it('are of messages that an operator names', () => {
    const find = (id: unknown) => () => naming(undefined).messageByOperator('k', id as string, undefined);

    expect(find(undefined)).toThrow('messageId: expected a string, found undefined');
    expect(find('m')()).toEqual({ account: 'k', message: 'm' });
  });

  it('are key and id where nobody says more', () => {
    const names = naming(undefined);

    expect(names.account({ key: 'account-1' })).toBe('account-1');
    expect(names.message({ key: 'account-1' }, { id: 'a' })).toBe('a');
  });

  it('without an upstream tell queues apart by their accounts', () => {
    const names = naming(undefined);

    expect(names.account({ key: 'account-1', queue: EMAIL })).toBe(`${EMAIL}/account-1`);
    expect(names.message({ key: 'account-1', queue: EMAIL }, { id: 'a' })).toBe('a');
  });

  it('with one share the account, and tell queues apart by their messages', () => {
    const names = naming('onlyfans');

    expect(names.account({ key: 'account-1', queue: EMAIL })).toBe('onlyfans/account-1');
    expect(names.account({ key: 'account-1', queue: SMS })).toBe('onlyfans/account-1');
    const [email, sms] = [EMAIL, SMS].map((queue) => names.message({ key: 'k', queue }, { id: 'a' }));
    expect(email).toBe(`${queueTag(EMAIL)}\ta`);
    expect(sms).not.toBe(email);
  });

  it('tell the lives of a message apart', () => {
    const names = naming(undefined);
    const [first, same, second] = [{}, { life: 1 }, { life: 2 }].map((life) =>
      names.message({ key: 'k' }, { id: 'a', ...life }),
    );

    expect(same).toBe(first);
    expect(second).toBe('a\n2');
  });

  it('keep what else items say', () => {
    const items = [{ id: 'a', token: 7 }];

    expect(naming('up').messages({ key: 'k', queue: EMAIL }, items)).toEqual([
      { id: `${queueTag(EMAIL)}\ta`, token: 7 },
    ]);
  });

  it('are equal for the same upstream or queue, key, id and life alone', () => {
    const part = fc.stringMatching(/^[!-~]{1,6}$/);
    const slashes = fc.constantFrom('a', 'b', 'a/b', 'a:b', 'a%2Fb', '/', '%');
    const named = fc.record({
      upstream: fc.option(fc.constantFrom('a', 'b', 'a.b'), { nil: undefined }),
      queue: fc.option(fc.constantFrom('a/b', 'b/a', 'a/b/a', '/a', EMAIL, SMS), { nil: undefined }),
      key: fc.oneof(slashes, part),
      id: fc.oneof(slashes, part, fc.constantFrom(`${queueTag(EMAIL)}a`)),
      life: fc.integer({ min: 1, max: 12 }),
    });
    const meaning = ({
      upstream,
      queue,
      key,
      id,
      life,
    }: typeof named extends fc.Arbitrary<infer T> ? T : never) =>
      JSON.stringify([upstream, queue, key, id, life]);
    const names = (of: Parameters<typeof meaning>[0]) => {
      const { account, message } = naming(of.upstream);
      return JSON.stringify([account(of), message(of, of)]);
    };

    fc.assert(
      fc.property(named, named, (one, other) => {
        expect(names(one) === names(other)).toBe(meaning(one) === meaning(other));
      }),
      { numRuns: 5_000 },
    );
  });
});

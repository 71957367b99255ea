import { describe, expect, it } from 'vitest';
import {
  claimOf,
  costing,
  LEASE_MS,
  kinds,
  medium,
  onePerSecond,
  scene,
  type LimiterUnderTest,
} from './scene.ts';

const EMAIL = { queue: 'eu-west-1/123456789012/email' };
const SMS = { queue: 'eu-west-1/123456789012/sms' };
const SMS_URL = 'https://sqs.eu-west-1.amazonaws.com/123456789012/sms';

/** Which messages are one, and whose limit they count towards. */
export function describeIdentity(under: LimiterUnderTest): void {
  describe('messages of two queues', () => {
    it('with equal ids are two, each under limits of its queue, where no upstream is named', async () => {
      const { send } = scene(under);
      const limits = onePerSecond;

      expect(kinds(await send(['a'], { ...EMAIL, limits }))).toEqual(['granted']);
      expect(kinds(await send(['a'], { ...SMS, limits }))).toEqual(['granted']);
      expect(kinds(await send(['a'], { limits }))).toEqual(['granted']);
      expect(kinds(await send(['a', 'b'], { ...EMAIL, limits }))).toEqual(['settled', 'wait']);
    });

    it('with equal ids are two, under one limit, where an upstream is named', async () => {
      const { send, wait } = scene(under, 'onlyfans');
      const limits = onePerSecond;

      expect(kinds(await send(['a'], { ...EMAIL, limits }))).toEqual(['granted']);
      expect(await send(['a'], { ...SMS, limits })).toEqual([wait(1_000, 0)]);
      expect(await send(['b'], { ...EMAIL, limits })).toEqual([wait(2_000, 1)]);
    });

    it('stand in one line with all their places, and leave it with all of them', async () => {
      const { admit, limiter, settle, clock } = scene(under, 'onlyfans');
      const [claimed] = await admit([costing(2, 'a')], EMAIL);
      await admit([costing(2, 'a')], SMS);
      expect(await limiter.find('account-1', 'a', { queueUrl: SMS_URL })).toMatchObject({ position: 0 });
      expect(kinds(await admit(['b'], EMAIL))).toEqual(['wait']);
      expect(await limiter.find('account-1', 'b', { queueUrl: EMAIL.queue })).toMatchObject({ position: 2 });

      await limiter.cancel('account-1', 'a', { queueUrl: SMS_URL });
      const { id, token } = claimOf(claimed!);
      await settle([{ id, token, cost: 2, outcome: 'delivered' }], EMAIL);
      expect(await limiter.find('account-1', 'b', { queueUrl: EMAIL.queue })).toMatchObject({ position: 0 });
      await clock.advance(1_000);

      expect(kinds(await admit([costing(2, 'a')], SMS))).toEqual(['settled']);
      expect(kinds(await admit(['b'], EMAIL))).toEqual(['granted']);
    });

    it.each([undefined, 'onlyfans'])(
      'are renewed and settled each by its own claim (%s)',
      async (upstream) => {
        const { admit, limiter, settle } = scene(under, upstream);
        const email = claimOf((await admit(['a'], EMAIL))[0]!);
        const sms = claimOf((await admit(['a'], SMS))[0]!);
        expect(email).toMatchObject({ key: 'account-1', id: 'a', ...EMAIL });
        const renew = (queue: object, token: number) =>
          limiter.renew({ key: 'account-1', ...queue, claims: [{ id: 'a', token }], leaseMs: LEASE_MS });

        expect(await renew(EMAIL, email.token)).toEqual([true]);
        expect(await settle([{ id: 'a', token: sms.token, outcome: 'delivered' }], SMS)).toEqual([true]);

        expect(await limiter.find('account-1', 'a', { queueUrl: EMAIL.queue })).toMatchObject({
          state: 'delivering',
        });
        expect(await limiter.find('account-1', 'a', { queueUrl: SMS_URL })).toEqual({ state: 'delivered' });
        const withoutQueue = await limiter.find('account-1', 'a').then(
          ({ state }) => state,
          (error: Error) => error.message,
        );
        expect(withoutQueue).toMatch(
          upstream === undefined ? 'unknown' : 'queueUrl: expected the URL or the ARN of a queue',
        );
      },
    );

    it('are inspected, paused and cancelled by queue, where no upstream is named', async () => {
      const { admit, limiter } = scene(under);
      const of = { queueUrl: SMS_URL };
      await admit(['a'], SMS);
      await limiter.pause('account-1', of);

      expect(await limiter.inspect('account-1', of)).toMatchObject({ delivering: 1, paused: true });
      expect(await limiter.inspect('account-1')).toMatchObject({ delivering: 0, paused: false });
      expect(kinds(await admit(['b'], SMS))).toEqual(['wait']);
      expect(kinds(await admit(['b'], EMAIL))).toEqual(['granted']);

      await limiter.resume('account-1', of);
      expect(await limiter.cancel('account-1', 'b', of)).toBe(true);
      expect(kinds(await admit(['b'], SMS))).toEqual(['settled']);
    });

    it('are inspected and paused together, where an upstream is named', async () => {
      const { admit, limiter } = scene(under, 'onlyfans');
      await admit(['a'], SMS);
      await limiter.pause('account-1');

      expect(await limiter.inspect('account-1')).toMatchObject({ delivering: 1, paused: true });
      expect(kinds(await admit(['b'], EMAIL))).toEqual(['wait']);
    });
  });

  describe('the lives of a message', () => {
    it('are told apart: a second one begins anew, and late copies of the first stay duplicates', async () => {
      const { admit, limiter, settle } = scene(under);
      const first = claimOf((await admit(['a']))[0]!);
      await settle([{ id: 'a', token: first.token, outcome: 'dead' }]);

      const second = claimOf((await admit([{ ...medium('a'), life: 2 }]))[0]!);

      expect(second).toMatchObject({ id: 'a', life: 2, attempt: 1, takeover: false });
      expect(await limiter.find('account-1', 'a', { life: 2 })).toMatchObject({
        state: 'delivering',
        attempt: 1,
      });
      expect(await limiter.find('account-1', 'a')).toEqual({ state: 'dead' });
      expect(kinds(await admit(['a']))).toEqual(['settled']);
      const { token } = second;
      const renewal = { key: 'account-1', claims: [{ id: 'a', life: 2, token }], leaseMs: LEASE_MS };
      expect(await limiter.renew(renewal)).toEqual([true]);
      expect(await settle([{ id: 'a', life: 2, token, outcome: 'delivered' }])).toEqual([true]);
      expect(kinds(await admit([{ ...medium('a'), life: 2 }]))).toEqual(['settled']);
    });
  });

  it('keys with odd characters are told apart', async () => {
    const { sendOne } = scene(under, 'up');
    const keys = ['a', 'a:state', 'a/state', 'a%2Fstate', 'up/a', 'records', '{a}', '{b}', '%', ':'];

    for (const key of keys) {
      const admission = await sendOne('m', { key, limits: onePerSecond });
      expect([key, admission.kind]).toEqual([key, 'granted']);
    }
  });
}

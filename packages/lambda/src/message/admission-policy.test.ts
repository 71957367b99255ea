import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { describe, expect, it } from 'vitest';
import { memoryLimiter } from '../limiter/memory/memory-limiter.ts';
import { perMinute, slidingWindow } from '../limiter/limits/limit.ts';
import { configurationProblems } from '../testing/configuration-problems.ts';
import { makeHandler } from '../testing/make-handler.ts';
import { listing, QUEUE_URL, record, sqsEvent } from '../testing/records.ts';

const of = (id: string, key: string, cost = 1) =>
  record({ messageId: id, message: { key, payload: { cost } } });
describe('limits as a function of the message', () => {
  it('are those of its tier', async () => {
    const clock = fakeClock();
    const { handler, calls } = makeHandler({
      clock,
      limiter: memoryLimiter({ clock }),
      limits: async ({ key }) => perMinute(key === 'large' ? 3 : 1),
    });
    await handler(sqsEvent(of('s-1', 'small'), of('s-2', 'small'), of('l-1', 'large'), of('l-2', 'large')));
    expect(calls.map(({ id }) => id).toSorted()).toEqual(['l-1', 'l-2', 's-1']);
  });

  it('are asked about together where they are the same, with the margin that suits them', async () => {
    const limits = [slidingWindow({ limit: 3, windowMs: 1_000 })];
    const { handler, limiter } = makeHandler({
      limits: ({ id }) => (id === 'odd' ? perMinute(1) : limits),
    });
    await handler(sqsEvent(of('a', 'k'), of('odd', 'k'), of('b', 'k')));
    const asked = limiter.asked.map(({ candidates, marginMs }) => [candidates.map(({ id }) => id), marginMs]);
    expect(asked).toEqual([
      [['a', 'b'], 40],
      [['odd'], 400],
    ]);
  });

  it.each([
    ['throw', () => Promise.reject(new RangeError('no such tier'))],
    ['give none', () => []],
    ['nest them', () => [perMinute(1), slidingWindow({ limit: 1, windowMs: 1 })] as never],
    ['give what is no limit', () => [{}] as never],
    [
      'give one that nothing fits in',
      () => [{ kind: 'sliding-window', limit: Number.NaN, windowMs: 1 }] as never,
    ],
  ])('leave a message in its queue when they %s', async (_, limits) => {
    const { handler, calls, sqs, logs } = makeHandler({ limits });
    expect(await handler(sqsEvent(of('a', 'k')))).toEqual(listing('a'));
    expect([calls, sqs.deadLetters]).toEqual([[], []]);
    expect(logs).toContainEqual(expect.objectContaining({ level: 'error' }));
  });

  it('are the same when an outcome is recorded', async () => {
    const clock = fakeClock();
    const limiter = memoryLimiter({ clock });
    const { handler } = makeHandler({ clock, limiter, limits: () => perMinute(2) });
    await handler(sqsEvent(of('a', 'k')));
    expect(await limiter.inspect('k', { queueUrl: QUEUE_URL })).toMatchObject({
      delivering: 0,
      slotsFree: 1,
    });
  });
});

describe('a cost', () => {
  const payloadCost = ({ payload }: { payload: unknown }) => (payload as { cost: number }).cost;

  it('takes so many places', async () => {
    const clock = fakeClock();
    const { handler, calls } = makeHandler({
      clock,
      limiter: memoryLimiter({ clock }),
      limits: perMinute(5),
      cost: payloadCost,
    });
    await handler(sqsEvent(of('a', 'k', 3), of('b', 'k', 3), of('c', 'k', 2)));
    expect(calls.map(({ id }) => id)).toEqual(['a']);
  });

  it('is told when the delivery is settled: the limiter may have forgotten it', async () => {
    const { handler, limiter } = makeHandler({ limits: perMinute(5), cost: payloadCost });
    await handler(sqsEvent(of('a', 'k', 3)));
    expect(limiter.settlements).toMatchObject([{ id: 'a', cost: 3, outcome: 'delivered' }]);
  });

  it.each([6, 0, 1.5, Number.NaN])('of %s, which no limit could admit, makes a dead letter', async (cost) => {
    const { handler, sqs } = makeHandler({ limits: perMinute(5), cost: () => cost });
    expect(await handler(sqsEvent(of('a', 'k')))).toEqual(listing());
    const detail = `cost: expected a whole number from 1 to 5, the smallest limit or 1000, found ${cost}`;
    expect(sqs.deadLetters).toMatchObject([{ attributes: { reason: 'invalid-cost', detail } }]);
  });

  it('that is no number makes a dead letter that does not repeat it', async () => {
    const { handler, sqs } = makeHandler({ limits: perMinute(5), cost: () => 'the content' as never });
    await handler(sqsEvent(of('a', 'k')));
    expect(sqs.deadLetters[0]?.attributes['detail']).toMatch(/found a string$/);
  });

  it('that is too large for all messages is refused at the start', () => {
    expect(configurationProblems(() => makeHandler({ limits: perMinute(5), cost: 6 }))).toEqual([
      'cost: expected a whole number from 1 to 5, the smallest limit or 1000, found 6',
    ]);
  });
});

describe('aging', () => {
  it('is asked for with every question, and none by default', async () => {
    const plain = makeHandler();
    const aging = makeHandler({ agingMs: 60_000 });
    await plain.handler(sqsEvent(of('a', 'k')));
    await aging.handler(sqsEvent(of('a', 'k')));
    expect([plain, aging].map(({ limiter }) => limiter.asked[0]?.agingMs)).toEqual([0, 60_000]);
  });

  it('is refused when it is no whole number of milliseconds', () => {
    expect(configurationProblems(() => makeHandler({ agingMs: -1 }))).toEqual([
      'agingMs: expected a whole number from 0 to 1209600000, found -1',
    ]);
  });
});

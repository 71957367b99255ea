import { describe, expect, it } from 'vitest';
import { fuzz, type Spoil } from './fuzz.ts';

const EVENTS = 100_000;
/** `pnpm fuzz` begins with 1: here others are played. */
const FROM = 1_000_001;

it(
  'whatever SQS hands over, the handler answers, lists only what it was given, and all that it parked; it refuses the rest',
  { timeout: 600_000 },
  async () => {
    const { problems, ...sum } = await fuzz(FROM, EVENTS);
    console.log(`events ${FROM} to ${FROM + EVENTS - 1}`, sum);
    expect(problems, 'replayed with pnpm fuzz --from SEED --events 1').toEqual([]);
    // None of these is a rare thing among the events.
    for (const count of [sum.records, sum.parked, sum.deadLetters, sum.listed])
      expect(count).toBeGreaterThan(EVENTS / 2);
  },
);

describe('it is noticed when the handler', () => {
  it.each<[string, string, Spoil]>([
    ['throws', 'threw', () => () => Promise.reject(new Error('a bug'))],
    ['does not answer', 'did not answer', () => () => new Promise(() => {})],
    [
      'answers an event that is none of SQS',
      'was not refused',
      (handler) =>
        (...call) =>
          handler(...call).catch(() => ({ batchItemFailures: [] })),
    ],
    [
      'lists nothing',
      'not listed',
      (handler) =>
        async (...call) => ({ ...(await handler(...call)), batchItemFailures: [] }),
    ],
    [
      'lists an identifier of another batch',
      'was not in the batch',
      (handler) =>
        async (...call) => {
          const { batchItemFailures } = await handler(...call);
          return { batchItemFailures: [...batchItemFailures, { itemIdentifier: 'another' }] };
        },
    ],
  ])('%s', async (_, expected, spoil) => {
    const { problems } = await fuzz(1, 200, spoil);
    expect(problems[0]?.problem).toContain(expected);
  });
});

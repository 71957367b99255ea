import type { Ledger, LedgerCall } from '@huntaze/testkit';
import { describe, expect, it } from 'vitest';
import { messages } from './messages.ts';
import { readOutcome, summarize } from './outcome.ts';
import { drawDeliveries } from './picture.ts';

const [first, second] = messages.slice(0, 2) as [(typeof messages)[number], (typeof messages)[number]];

function ledger(calls: readonly { readonly id: string; readonly atMs: number }[], worstWindow = 1): Ledger {
  const entries = calls.map((call): LedgerCall => ({
    ...call,
    key: 'alice',
    verdict: 'within-limit',
    accepted: true,
  }));
  return { calls: entries, worstWindow: () => worstWindow, duplicates: () => [], violations: () => [] };
}

const evidence = (overrides: Partial<Parameters<typeof readOutcome>[0]>) => ({
  messages: [first, second],
  ledger: ledger([
    { id: first.id, atMs: 0 },
    { id: second.id, atMs: 400 },
  ]),
  limit: 10,
  receives: new Map([
    ['a', 1],
    ['b', 2],
  ]),
  deadLetters: 0,
  ...overrides,
});

describe('readOutcome', () => {
  it('is kept when everything arrived within the limit', () => {
    const outcome = readOutcome(evidence({}));
    expect(outcome).toMatchObject({ kind: 'kept', delivered: 2, receivesPerMessage: 1.5 });
    expect(summarize(outcome, 10_000)).toBe(
      '2 delivered · at most 1 in any 10 s · 1.5 receives per message · 0 dead letters\n',
    );
  });

  it.each([
    [
      'a lost message',
      evidence({ ledger: ledger([{ id: first.id, atMs: 0 }]) }),
      '1 messages were not delivered',
    ],
    [
      'a window above the limit',
      evidence({
        ledger: ledger(
          [
            { id: first.id, atMs: 0 },
            { id: second.id, atMs: 1 },
          ],
          11,
        ),
      }),
      'a window held 11 calls, 10 were allowed',
    ],
    ['a dead letter', evidence({ deadLetters: 1 }), '1 messages became dead letters'],
  ])('is broken by %s', (_case, given, complaint) => {
    const outcome = readOutcome(given);
    expect(outcome).toMatchObject({ kind: 'broken', complaints: [complaint] });
    expect(summarize(outcome, 10_000)).toContain(`FAILED: ${complaint}`);
  });
});

it('draws each delivery at its time, stacked in order of arrival', () => {
  const picture = drawDeliveries(
    [first, second],
    ledger([
      { id: first.id, atMs: 50 },
      { id: second.id, atMs: 60 },
    ]).calls,
  );
  expect(picture.split('\n').slice(0, 3)).toEqual([
    '         │L',
    '   alice │M',
    expect.stringContaining('└┬─────────┬'),
  ]);
});

import type { Ledger } from '@huntaze/testkit';
import type { DemoMessage } from './messages.ts';

/** What the run showed, in numbers. */
export interface Figures {
  readonly delivered: number;
  readonly worstWindow: number;
  readonly receivesPerMessage: number;
  readonly deadLetters: number;
}

/** Whether the promise was kept, and if not, what broke it. */
export type Outcome = Figures &
  ({ readonly kind: 'kept' } | { readonly kind: 'broken'; readonly complaints: readonly string[] });

export interface Evidence {
  readonly messages: readonly DemoMessage[];
  readonly ledger: Ledger;
  readonly limit: number;
  readonly receives: ReadonlyMap<string, number>;
  readonly deadLetters: number;
}

/** Judges a run by what the upstream saw. */
export function readOutcome({ messages, ledger, limit, receives, deadLetters }: Evidence): Outcome {
  const delivered = new Set(ledger.calls.filter(({ accepted }) => accepted).map(({ id }) => id));
  const lost = messages.filter(({ id }) => !delivered.has(id)).length;
  const worstWindow = ledger.worstWindow();
  const figures = {
    delivered: delivered.size,
    worstWindow,
    receivesPerMessage: [...receives.values()].reduce((sum, count) => sum + count, 0) / messages.length,
    deadLetters,
  };
  const complaints = [
    ...(worstWindow > limit ? [`a window held ${worstWindow} calls, ${limit} were allowed`] : []),
    ...(lost > 0 ? [`${lost} messages were not delivered`] : []),
    ...(deadLetters > 0 ? [`${deadLetters} messages became dead letters`] : []),
    ...(ledger.duplicates().length > 0
      ? [`${ledger.duplicates().length} messages were delivered twice`]
      : []),
  ];
  return complaints.length === 0 ? { ...figures, kind: 'kept' } : { ...figures, kind: 'broken', complaints };
}

/** The outcome in two lines. */
export function summarize(outcome: Outcome, windowMs: number): string {
  const { delivered, worstWindow, receivesPerMessage, deadLetters } = outcome;
  const figures = [
    `${delivered} delivered`,
    `at most ${worstWindow} in any ${windowMs / 1_000} s`,
    `${receivesPerMessage.toFixed(1)} receives per message`,
    `${deadLetters} dead letters`,
  ].join(' · ');
  return outcome.kind === 'kept' ? `${figures}\n` : `${figures}\nFAILED: ${outcome.complaints.join('; ')}\n`;
}

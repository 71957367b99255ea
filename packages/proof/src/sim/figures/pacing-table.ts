import { table, whole } from '../../bench/report/table.ts';
import { simulateObvious } from './baseline.ts';
import type { HighMedian } from './ideal.ts';
import { simulatePacing, type PacingFigures, type PacingOptions } from './pacing.ts';

/** One backlog, once through our handler and once through the obvious one. */
export interface Comparison {
  readonly title: string;
  readonly messages: number;
  readonly ours: PacingFigures;
  readonly obvious: PacingFigures;
}

export const tenPerMinute = { limit: 10, windowMs: 60_000 };
/** A tenth is urgent. */
export const mixed = { high: 0.1, medium: 0.45, low: 0.45 };

const backlogs: Readonly<Record<string, Pick<PacingOptions, 'messages' | 'mix'>>> = {
  '1,000, one priority': { messages: 1_000 },
  '1,000, mixed': { messages: 1_000, mix: mixed },
  '10,000, one priority': { messages: 10_000 },
  '10,000, mixed': { messages: 10_000, mix: mixed },
};

/** The backlogs that the promise names: sent at once for one account, which may 10 per 60 s. */
export async function comparePacing(seed: number): Promise<readonly Comparison[]> {
  const comparisons: Comparison[] = [];
  for (const [title, backlog] of Object.entries(backlogs)) {
    const options = { seed, ...tenPerMinute, ...backlog };
    comparisons.push({
      title,
      messages: options.messages,
      ours: await simulatePacing(options),
      obvious: await simulateObvious(options),
    });
  }
  return comparisons;
}

const HEAD = [
  'backlog',
  'handler',
  'delivered',
  'dead, unsent',
  'most in 60 s',
  'receives',
  'most',
  'last / ideal',
  'p50 high / ideal',
  '/ clairvoyant',
];

/** The figures of both handlers, one below the other. */
export function pacingTable(comparisons: readonly Comparison[]): string {
  const rows = comparisons.flatMap(({ title, ours, obvious }) => [
    [title, 'ours', ...cells(ours)],
    ['', 'obvious', ...cells(obvious)],
  ]);
  return table(HEAD, rows);
}

function cells(figures: PacingFigures): readonly string[] {
  const { delivered, deadLetters, mostInWindow, receivesPerMessage, mostReceives, lastOverIdeal } = figures;
  return [
    ...[delivered, deadLetters, mostInWindow].map(whole),
    receivesPerMessage.toFixed(2),
    whole(mostReceives),
    lastOverIdeal.toFixed(3),
    ratio(figures.highMedian, 'overIdeal'),
    ratio(figures.highMedian, 'overClairvoyant'),
  ];
}

function ratio(median: HighMedian | undefined, which: keyof HighMedian): string {
  if (!median) return '';
  return median[which] === Number.POSITIVE_INFINITY ? 'never' : median[which].toFixed(2);
}

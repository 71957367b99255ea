import { table } from '../bench/report/table.ts';
import { LIMIT, type Verdict } from './scene.ts';

/** What a fault may not do, one sentence each; empty when every guarantee held. */
export function broken(verdict: Verdict): readonly string[] {
  const { lost, deadLetters, duplicates, duplicatesAllowed, worstWindow, injected } = verdict;
  return [
    ...(injected > 0 ? [] : ['expected the fault to strike, found that it never did']),
    ...(lost === 0 ? [] : [`expected no message lost, found ${lost}`]),
    ...(deadLetters === 0 ? [] : [`expected no dead letter, found ${deadLetters}`]),
    ...(duplicates <= duplicatesAllowed
      ? []
      : [`expected at most ${duplicatesAllowed} duplicates, found ${duplicates}`]),
    ...(worstWindow <= LIMIT ? [] : [`expected at most ${LIMIT} calls in a window, found ${worstWindow}`]),
  ];
}

/** One line per fault. */
export function report(verdicts: readonly Verdict[]): string {
  const head = [
    'fault',
    'injected',
    'messages',
    'lost',
    'dead',
    'duplicates',
    'worst window',
    'violations',
    'late calls apart',
  ];
  const rows = verdicts.map((verdict) => [
    verdict.fault,
    String(verdict.injected),
    String(verdict.messages),
    String(verdict.lost),
    String(verdict.deadLetters),
    `${verdict.duplicates} (≤ ${verdict.duplicatesAllowed})`,
    `${verdict.worstWindow} (≤ ${LIMIT})`,
    String(Math.max(0, verdict.worstWindow - LIMIT)),
    String(verdict.apart),
  ]);
  return table(head, rows);
}

import type { DeliveryMode } from '@huntaze/rate-limiter-lambda';
import { table } from '../bench/report/table.ts';

/** The limit under which every fault is survived: small windows, so that a fault covers many. */
export const LIMIT = 10;
export const WINDOW_MS = 500;

/** How a fault was seen to strike: so many of something that only it can cause. */
export interface Sighting {
  readonly count: number;
  readonly what: string;
}

/** What came of a fault, as the queues and the upstream saw it. */
export interface Verdict {
  /** What the fault met. */
  readonly where: string;
  readonly fault: string;
  readonly delivery: DeliveryMode;
  readonly injected: number;
  readonly seen: Sighting;
  readonly messages: number;
  /** Neither accepted upstream nor a dead letter. */
  readonly lost: number;
  /** Dead letters `uncertain`, of deliveries that were cut off: only at most once. */
  readonly uncertain: number;
  readonly uncertainAllowed: number;
  /** Deliveries that may have been cut off and were not set aside: only at most once. */
  readonly missing: number;
  /** All others. */
  readonly deadLetters: number;
  /** Accepted calls beyond the first of a message. */
  readonly duplicates: number;
  readonly duplicatesAllowed: number;
  /** Calls and dead letters beyond these, of messages that a process was too late with: a busy machine makes them. */
  readonly late: number;
  /** The most calls in a window; undefined where there is no limit. */
  readonly worstWindow: number | undefined;
  /** Calls that do not count against the limit. */
  readonly apart: number;
}

/** What a fault may not do, one sentence each; empty when every guarantee held. */
export function broken(verdict: Verdict): readonly string[] {
  const { injected, seen, lost, deadLetters, uncertain, uncertainAllowed } = verdict;
  const { duplicates, duplicatesAllowed, worstWindow = 0 } = verdict;
  return [
    ...(injected > 0 ? [] : ['expected the fault to strike, found that it never did']),
    ...(seen.count > 0 ? [] : [`expected the fault to be seen, found no ${seen.what}`]),
    ...(lost === 0 ? [] : [`expected no message lost, found ${lost}`]),
    ...(deadLetters === 0 ? [] : [`expected no dead letter, found ${deadLetters}`]),
    ...(uncertain <= uncertainAllowed
      ? []
      : [`expected at most ${uncertainAllowed} uncertain messages, found ${uncertain}`]),
    ...(duplicates <= duplicatesAllowed
      ? []
      : [`expected at most ${duplicatesAllowed} duplicates, found ${duplicates}`]),
    ...(worstWindow <= LIMIT ? [] : [`expected at most ${LIMIT} calls in a window, found ${worstWindow}`]),
  ];
}

const HEAD = [
  'fault',
  'mode',
  'times',
  'seen as',
  'messages',
  'lost',
  'duplicates',
  'uncertain',
  'other dead letters',
  'worst window',
  'violations',
  'calls apart',
  'by a late process',
];

/** One line per fault. */
export function report(verdicts: readonly Verdict[]): string {
  return table(HEAD, verdicts.map(lineOf));
}

function lineOf(verdict: Verdict): readonly string[] {
  const { where, fault, delivery, injected, seen, messages, lost, deadLetters, apart, late } = verdict;
  const { duplicates, duplicatesAllowed, uncertain, uncertainAllowed, worstWindow } = verdict;
  return [
    `${where}: ${fault}`,
    delivery,
    String(injected),
    `${seen.count} ${seen.what}`,
    String(messages),
    String(lost),
    `${duplicates} (≤ ${duplicatesAllowed})`,
    `${uncertain} (≤ ${uncertainAllowed})`,
    String(deadLetters),
    worstWindow === undefined ? 'no limit' : `${worstWindow} (≤ ${LIMIT})`,
    String(Math.max(0, (worstWindow ?? 0) - LIMIT)),
    String(apart),
    String(late),
  ];
}

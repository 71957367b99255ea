import { median } from '../report/median.ts';
import { table, times, whole } from '../report/table.ts';
import type { Contender } from './contender.ts';
import { measure, operations, type Load, type Rates } from './measure.ts';

const ROUNDS = 5;

/** Measures ours beside the others, round by round in turn, and describes the result in Markdown. */
export async function compare(contenders: readonly Contender[], load: Load): Promise<string> {
  const rounds: Map<Contender, Rates>[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const rates = new Map<Contender, Rates>();
    for (let turn = 0; turn < contenders.length; turn++) {
      const contender = contenders[(round + turn) % contenders.length];
      if (contender) rates.set(contender, await measure(contender, load));
    }
    // The first round warms up.
    if (round > 0) rounds.push(rates);
  }
  const [ours, ...others] = contenders;
  const ratesOf = (contender: Contender | undefined, operation: keyof Rates) =>
    rounds.map((rates) => (contender && rates.get(contender)?.[operation]) ?? 0);
  const ratio = (other: Contender, operation: keyof Rates) => {
    const theirs = ratesOf(other, operation);
    return median(ratesOf(ours, operation).map((rate, round) => rate / (theirs[round] ?? 0)));
  };
  return [
    `Messages per second; ${whole(load.messages)} messages, ${load.together} per save and claim, settled one by one, ${load.callers} callers.`,
    `Medians of ${ROUNDS} rounds; ratios are medians of the ratios within a round.`,
    '',
    table(
      ['', ...contenders.map(({ name }) => name), ...others.map(({ name }) => `ours / ${name}`)],
      operations.map((operation) => [
        operation,
        ...contenders.map((contender) => whole(median(ratesOf(contender, operation)))),
        ...others.map((other) => times(ratio(other, operation))),
      ]),
    ),
  ].join('\n');
}

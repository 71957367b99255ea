import type { Redis } from 'ioredis';
import { median } from '../report/median.ts';
import { table, times, whole } from '../report/table.ts';
import { LIMIT, WINDOW_MS, type Admitting, type Contender } from './contender.ts';
import { consuming } from './flexible.ts';
import { measure, type Load } from './measure.ts';
import { admitting, admittingAndSettling } from './ours.ts';
import { pipelining, pipeliningInBulk } from './pipelined.ts';
import { removeKeys } from './remove-keys.ts';
import { transacting } from './transactions.ts';

const MESSAGES = 10_000;
const ROUNDS = 11;
const loads: readonly Load[] = [100, 1].flatMap((keys) =>
  [1, 10, 100].map((callers) => ({ keys, callers, messages: MESSAGES })),
);

interface Other {
  readonly contender: Contender;
  /** How many times its rate ours should be, by callers. */
  readonly atLeast?: Readonly<Record<number, number>>;
}

/**
 * Measures admission on one connection and describes the result in Markdown: ours beside a peer, beside the same work
 * without a script, and beside both round trips of a delivery.
 */
export async function compareThroughput(redis: Redis, prefix: string): Promise<string> {
  return [
    `Admitted messages per second, one connection, ${LIMIT} per ${WINDOW_MS} ms and key. Ours admits ten a call.`,
    `Medians of ${ROUNDS} rounds of ${whole(MESSAGES)} messages; ratios are medians of the ratios within a round.`,
    '',
    await compareWith(redis, `${prefix}:peer`, [
      { contender: consuming, atLeast: { 1: 4, 10: 1.2, 100: 1.1 } },
    ]),
    '',
    await compareWith(redis, `${prefix}:commands`, [
      { contender: transacting, atLeast: { 1: 2.5, 10: 2.5, 100: 2.5 } },
      { contender: pipelining, atLeast: { 1: 2.5, 10: 2.5, 100: 2.5 } },
      { contender: pipeliningInBulk },
    ]),
    '',
    await compareWith(redis, `${prefix}:settled`, [{ contender: admittingAndSettling }]),
  ].join('\n');
}

/** Ours and others, round by round in turn: a row per load, with the ratio of ours to each. */
async function compareWith(redis: Redis, prefix: string, others: readonly Other[]): Promise<string> {
  const contenders = [admitting, ...others.map(({ contender }) => contender)];
  const opened = await Promise.all(
    contenders.map(async (contender, index) => {
      const own = `${prefix}:${index}`;
      return { contender, own, admitting: await contender.open(redis, own) };
    }),
  );
  const rows: string[][] = [];
  for (const load of loads) {
    const rounds: number[][] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      const rates = await oneRound(redis, opened, load, round);
      // The first round warms up.
      if (round > 0) rounds.push(rates);
    }
    rows.push(rowOf(load, others, rounds));
  }
  const ratios = others.map(({ contender }) => `ours / ${contender.name}`);
  return table(['keys, callers', ...contenders.map(({ name }) => name), ...ratios], rows);
}

interface Opened {
  readonly contender: Contender;
  readonly own: string;
  readonly admitting: Admitting;
}

/** Each contender once, another one first each time. */
async function oneRound(
  redis: Redis,
  opened: readonly Opened[],
  load: Load,
  round: number,
): Promise<number[]> {
  const rates: number[] = [];
  for (let turn = 0; turn < opened.length; turn++) {
    const index = (round + turn) % opened.length;
    const one = opened[index];
    if (!one) continue;
    const name = `round-${load.keys}-${load.callers}-${round}`;
    rates[index] = await measure(one.contender, one.admitting, load, name);
    await removeKeys(redis, `${one.own}:*${name}*`);
  }
  return rates;
}

function rowOf(
  { keys, callers }: Load,
  others: readonly Other[],
  rounds: readonly (readonly number[])[],
): string[] {
  const ratio = (index: number) => median(rounds.map((rates) => rateOf(0)(rates) / rateOf(index)(rates)));
  return [
    `${keys}, ${callers}`,
    whole(median(rounds.map(rateOf(0)))),
    ...others.map((_, index) => whole(median(rounds.map(rateOf(index + 1))))),
    ...others.map(({ atLeast }, index) => times(ratio(index + 1), atLeast?.[callers])),
  ];
}

const rateOf = (index: number) => (rates: readonly number[]) => rates[index] ?? Number.NaN;

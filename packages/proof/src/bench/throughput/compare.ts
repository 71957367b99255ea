import type { Redis } from 'ioredis';
import { median } from '../report/median.ts';
import { table, times, whole } from '../report/table.ts';
import { LIMIT, WINDOW_MS, type Admitting, type Contender } from './contender.ts';
import { consuming } from './flexible.ts';
import { measure, type Load } from './measure.ts';
import { admitting, admittingAndSettling } from './ours.ts';
import { pipelining, pipeliningInBulk } from './pipelined.ts';
import { removeKeys } from './remove-keys.ts';

const MESSAGES = 10_000;
const ROUNDS = 11;
const loads: readonly Load[] = [100, 1].flatMap((keys) =>
  [1, 10, 100].map((callers) => ({ keys, callers, messages: MESSAGES })),
);

/**
 * Measures admission on one connection and describes the result in Markdown: ours beside a peer, beside the same work
 * without a script, and beside both round trips of a delivery.
 */
export async function compareThroughput(redis: Redis, prefix: string): Promise<string> {
  return [
    `Admitted messages per second, one connection, ${LIMIT} per ${WINDOW_MS} ms and key. Ours admits ten a call.`,
    `Medians of ${ROUNDS} rounds of ${whole(MESSAGES)} messages; ratios are medians of the ratios within a round.`,
    '',
    await compareWith(redis, `${prefix}:peer`, [consuming]),
    '',
    await compareWith(redis, `${prefix}:commands`, [pipelining, pipeliningInBulk]),
    '',
    await compareWith(redis, `${prefix}:settled`, [admittingAndSettling]),
  ].join('\n');
}

/** Ours and others, round by round in turn: a row per load, with the ratio of ours to each. */
async function compareWith(redis: Redis, prefix: string, others: readonly Contender[]): Promise<string> {
  const contenders = [admitting, ...others];
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
    rows.push(rowOf(load, contenders, rounds));
  }
  const ratios = others.map(({ name }) => `ours / ${name}`);
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
  contenders: readonly Contender[],
  rounds: readonly (readonly number[])[],
): string[] {
  const ratio = (index: number) => median(rounds.map((rates) => rateOf(0)(rates) / rateOf(index)(rates)));
  return [
    `${keys}, ${callers}`,
    ...contenders.map((_, index) => whole(median(rounds.map(rateOf(index))))),
    ...contenders.slice(1).map((_, index) => times(ratio(index + 1))),
  ];
}

const rateOf = (index: number) => (rates: readonly number[]) => rates[index] ?? Number.NaN;

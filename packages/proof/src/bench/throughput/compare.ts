import type { Redis } from 'ioredis';
import { median } from '../report/median.ts';
import { table, times, whole } from '../report/table.ts';
import { LIMIT, WINDOW_MS, type Admitting, type Contender } from './contender.ts';
import { consuming } from './flexible.ts';
import { measure, type Load } from './measure.ts';
import { admitting, admittingAndSettling } from './ours.ts';
import { pipelining, pipeliningInBulk } from './pipelined.ts';
import { removeKeys } from './remove-keys.ts';

const contenders = [admitting, admittingAndSettling, consuming, pipelining, pipeliningInBulk];
const MESSAGES = 10_000;
const ROUNDS = 5;
const loads: readonly Load[] = [100, 1].flatMap((keys) =>
  [1, 10, 100].map((callers) => ({ keys, callers, messages: MESSAGES })),
);

/** Measures admission by all contenders on one connection, round by round in turn, and describes the result in Markdown. */
export async function compareThroughput(redis: Redis, prefix: string): Promise<string> {
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
    rows.push(rowOf(load, rounds));
  }
  return [
    `Admitted messages per second, one connection, ${LIMIT} per ${WINDOW_MS} ms and key. Ours admits ten a call.`,
    `Medians of ${ROUNDS} rounds of ${whole(MESSAGES)} messages; ratios are medians of the ratios within a round.`,
    '',
    table(
      [
        'keys, callers',
        ...contenders.map(({ name }) => name),
        'ours / flexible',
        'ours / separate',
        'ours / own',
      ],
      rows,
    ),
  ].join('\n');
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

function rowOf({ keys, callers }: Load, rounds: readonly (readonly number[])[]): string[] {
  const rate = (contender: Contender) => (rates: readonly number[]) =>
    rates[contenders.indexOf(contender)] ?? Number.NaN;
  const ratio = (other: Contender) =>
    median(rounds.map((rates) => rate(admitting)(rates) / rate(other)(rates)));
  return [
    `${keys}, ${callers}`,
    ...contenders.map((contender) => whole(median(rounds.map(rate(contender))))),
    times(ratio(consuming)),
    times(ratio(pipelining)),
    times(ratio(pipeliningInBulk)),
  ];
}

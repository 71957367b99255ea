import type { Redis } from 'ioredis';
import { median } from '../report/median.ts';
import { table, times, whole } from '../report/table.ts';
import { removeKeys } from '../throughput/remove-keys.ts';
import { bullmq } from './bullmq.ts';
import { DELIVERIES_AT_ONCE, LIMIT, WINDOW_MS, type Contender, type Load } from './contender.ts';
import { ours } from './ours.ts';
import { powertools } from './powertools.ts';

const MESSAGES = 8_000;
const ROUNDS = 7;
const contenders: readonly Contender[] = [ours, bullmq, powertools];
const names = contenders.map(({ name }) => name);
const targets: Readonly<Record<number, number>> = { 1: 1, 10: 0.7 };

interface Measured {
  /** Messages per second. */
  readonly rate: number;
  /** Processor time per message in microseconds, of this process and of Redis. */
  readonly cpuUs: number;
}

/** Measures the whole handler on Redis beside BullMQ's worker with its limiter, and describes the result in Markdown. */
export async function compareHandlers(redis: Redis, prefix: string): Promise<string> {
  const rows: string[][] = [];
  for (const keys of [1, 10]) rows.push(await rowOf(redis, prefix, { keys, messages: MESSAGES }));
  return [
    `Messages per second, ${DELIVERIES_AT_ONCE} deliveries at once, ${LIMIT} per ${WINDOW_MS} ms and key, nothing delivered.`,
    `Medians of ${ROUNDS} rounds of ${whole(MESSAGES)} messages, in turns; ratios are medians of the ratios within a round.`,
    '',
    table(
      ['keys', ...names, 'ours / BullMQ', ...names.map((name) => `processor: ${name}`), 'ours / BullMQ'],
      rows,
    ),
  ].join('\n');
}

async function rowOf(redis: Redis, prefix: string, load: Load): Promise<string[]> {
  const rounds: Measured[][] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const measured: Measured[] = [];
    for (let turn = 0; turn < contenders.length; turn++) {
      const index = (round + turn) % contenders.length;
      measured[index] = await measure(
        redis,
        `${prefix}:${index}-${load.keys}-${round}`,
        contenders[index]!,
        load,
      );
    }
    // The first round warms up.
    if (round > 0) rounds.push(measured);
  }
  const of = (index: number, figure: keyof Measured) => median(rounds.map((one) => one[index]![figure]));
  const ratio = (figure: keyof Measured) => median(rounds.map(([a, b]) => a![figure] / b![figure]));
  return [
    String(load.keys),
    ...names.map((_, index) => whole(of(index, 'rate'))),
    times(ratio('rate'), targets[load.keys]),
    ...names.map((_, index) => `${whole(of(index, 'cpuUs'))} µs`),
    times(ratio('cpuUs')),
  ];
}

async function measure(redis: Redis, prefix: string, contender: Contender, load: Load): Promise<Measured> {
  const prepared = await contender.prepare(redis, prefix, load);
  const redisBeforeUs = await redisCpuUs(redis);
  const before = process.cpuUsage();
  const startedMs = performance.now();
  await prepared.run();
  const seconds = (performance.now() - startedMs) / 1_000;
  const { user, system } = process.cpuUsage(before);
  const redisUs = (await redisCpuUs(redis)) - redisBeforeUs;
  await prepared.close();
  await removeKeys(redis, `${prefix}*`);
  return { rate: load.messages / seconds, cpuUs: (user + system + redisUs) / load.messages };
}

async function redisCpuUs(redis: Redis): Promise<number> {
  const info = await redis.info('cpu');
  const seconds = ['used_cpu_sys', 'used_cpu_user'].map((name) =>
    Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)?.[1]),
  );
  return 1_000_000 * seconds.reduce((sum, one) => sum + one, 0);
}

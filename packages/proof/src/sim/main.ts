import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import type { CorpusEntry } from './corpus.ts';
import { comparePacing, pacingTable } from './figures/pacing-table.ts';
import { simulate, type Report } from './run/simulate.ts';
import { unusual } from './scenario/circumstances.ts';
import { neverMet, runSwarm, type Figure, type SwarmReport } from './run/swarm.ts';
import { startThreads } from './run/threads.ts';

const DEFAULT_SEEDS = 200;
/** What so many seeds have to play at least, lest the simulation becomes empty without anybody noticing. */
const LEAST_STEPS = 3_000_000;
/** How long they may take on a machine of two cores, so that they are played before every change. */
const LONGEST_S = 180;
const corpusFile = new URL('./corpus.json', import.meta.url);

const { values } = parseArgs({
  options: {
    seeds: { type: 'string' },
    from: { type: 'string' },
    replay: { type: 'string' },
    pacing: { type: 'boolean' },
  },
});
if (values.pacing) {
  console.log(pacingTable(await comparePacing(wholeNumber('from', values.from ?? '1'))));
} else if (values.replay === undefined) {
  await swarm(
    wholeNumber('seeds', values.seeds ?? String(DEFAULT_SEEDS)),
    wholeNumber('from', values.from ?? '1'),
  );
} else {
  await replay(wholeNumber('replay', values.replay));
}

async function replay(seed: number): Promise<void> {
  const report = await simulate(seed, { print: console.log });
  console.log(`seed ${seed}: ${report.steps} steps, trace ${report.traceHash}, ${verdict(report)}`);
  if (report.violation) process.exitCode = 1;
}

async function swarm(seeds: number, from: number): Promise<void> {
  console.log(
    `seeds ${from} to ${from + seeds - 1}: the real handler and the real memory limiter in virtual time`,
  );
  const startedMs = performance.now();
  await using threads = startThreads(availableParallelism());
  const report = await runSwarm({ from, seeds }, threads.players, (one) => {
    if (!one.violation) return;
    const circumstances = unusual(one.scenario).join(', ') || 'nothing unusual';
    console.log(`seed ${one.seed}: ${verdict(one)}\n  pnpm sim --replay ${one.seed} (${circumstances})`);
  });
  print(report, performance.now() - startedMs);
  await remember(report.failures);
  // Few seeds need not meet everything.
  const gaps = seeds >= DEFAULT_SEEDS ? gapsOf(report) : [];
  for (const gap of gaps) console.log(`\n${gap}`);
  if (report.failures.length > 0 || gaps.length > 0) process.exitCode = 1;
}

/** What many seeds have not shown although they must. */
function gapsOf(report: SwarmReport): readonly string[] {
  const missing = neverMet(report);
  return [
    ...(missing.length > 0 ? [`never met: ${missing.join('; ')}`] : []),
    ...(report.steps < LEAST_STEPS ? [`expected ${LEAST_STEPS} steps or more, found ${report.steps}`] : []),
  ];
}

function print(
  { seeds, steps, messages, invocations, faults, branches, worst, failures }: SwarmReport,
  tookMs: number,
): void {
  const allowed = seeds === DEFAULT_SEEDS ? ` of ${LONGEST_S} s` : '';
  const figures = [
    ['receives per message', figure(worst.receivesPerMessage, 2)],
    ['receives of one message', figure(worst.mostReceives, 0)],
    ['effects of one message, each explained', figure(worst.mostEffects, 0)],
    ['calls after the lease of a frozen process', figure(worst.lateCalls, 0)],
    ['calls of claims that were lost track of', figure(worst.untrackedCalls, 0)],
    ['time to finish / time allowed', figure(worst.finishShare, 2)],
  ] as const;
  console.log(
    [
      table('faults injected', faults),
      table('branches taken', branches),
      table('worst of any seed', figures),
      `\n${steps} steps, ${invocations} invocations, ${messages} messages in ${(tookMs / 1_000).toFixed(1)} s${allowed}: ${failures.length} seeds failed`,
    ].join('\n'),
  );
}

function table(title: string, rows: Iterable<readonly [string, string | number]>): string {
  return [`\n${title}`, ...[...rows].map(([name, value]) => `  ${name.padEnd(48)}${value}`)].join('\n');
}

function figure({ value, seed }: Figure, digits: number): string {
  return `${value.toFixed(digits)} (seed ${seed})`;
}

/** Failing seeds join the corpus, which the tests replay. */
async function remember(failures: readonly Report[]): Promise<void> {
  const corpus = JSON.parse(await readFile(corpusFile, 'utf8')) as CorpusEntry[];
  const added = failures.flatMap(({ seed, violation }) =>
    !violation || corpus.some((entry) => entry.seed === seed)
      ? []
      : [{ seed, found: `${violation.invariant}: ${violation.detail}` }],
  );
  if (added.length === 0) return;
  await writeFile(corpusFile, `${JSON.stringify([...corpus, ...added], null, 2)}\n`);
  console.log(`\n${added.length} seeds joined packages/proof/src/sim/corpus.json`);
}

function verdict({ violation }: Report): string {
  return violation ? `${violation.invariant}: ${violation.detail}` : 'nothing broke';
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || text.trim() === '')
    throw new TypeError(`--${name}: expected a whole number, found ${text}`);
  return value;
}

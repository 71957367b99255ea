import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { CorpusEntry } from './corpus.ts';
import { catchMutant } from './mutants/mutation-gate.ts';
import { mutants } from './mutants/mutants.ts';
import { simulate } from './run/simulate.ts';
import { runSwarm } from './run/swarm.ts';

const SEEDS = process.env['DEEP'] ? 2_000 : 30;
/** Seeds after those that `pnpm sim` plays by default. */
const FROM = 1_001;

const corpus = JSON.parse(await readFile(new URL('./corpus.json', import.meta.url), 'utf8')) as CorpusEntry[];

describe('the simulation', { timeout: 3_600_000 }, () => {
  it('keeps every invariant, whatever goes wrong', async () => {
    const { failures } = await runSwarm({ from: FROM, seeds: SEEDS });
    expect(failures.map(({ seed, violation }) => ({ seed, violation }))).toEqual([]);
  });

  it('does the same again with the same seed, event for event', async () => {
    const [once, again, another] = [await simulate(3), await simulate(3), await simulate(4)];
    expect(once.steps).toBeGreaterThan(1_000);
    expect(again).toEqual(once);
    expect(another.traceHash).not.toBe(once.traceHash);
  });

  it('keeps every invariant with the seeds of the corpus, but for those that are expected to fail', async () => {
    const failing: number[] = [];
    for (const { seed } of corpus) if ((await simulate(seed)).violation) failing.push(seed);
    expect(failing).toEqual(corpus.flatMap(({ seed, expected }) => (expected === undefined ? [] : [seed])));
  });
});

describe('a world without one safeguard', { timeout: 600_000 }, () => {
  it.each(mutants)('is noticed: $without', async (mutant) => {
    const caught = await catchMutant(mutant);
    expect(mutant.caughtBy).toContain(caught?.violation?.invariant);
  });
});

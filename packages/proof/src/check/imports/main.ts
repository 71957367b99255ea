import { join } from 'node:path';
import { table } from '../../bench/report/table.ts';
import { bounds } from './bounds.ts';
import { figuresOf } from './figures.ts';
import { readGraph } from './graph.ts';
import { cellsOf, problemsOf, titles } from './judge.ts';

/** Prints how each tree of source is laid out, and fails when one of the figures is over its bound. */
const packages = join(import.meta.dirname, '../../../..');
const rows: string[][] = [];
const problems: string[] = [];
for (const [name, allowed] of Object.entries(bounds)) {
  const figures = figuresOf(await readGraph(join(packages, name)));
  rows.push([name, ...cellsOf(figures, allowed)]);
  problems.push(...problemsOf(name, figures, allowed));
}
console.log(table(['source', ...titles], rows));
for (const problem of problems) console.log(`\n${problem}`);
if (problems.length > 0) {
  console.log('\nBounds: packages/proof/src/check/imports/bounds.ts');
  process.exitCode = 1;
}

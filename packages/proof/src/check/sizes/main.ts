import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { table, whole } from '../../bench/report/table.ts';
import { compareSizes, growth, type Sizes } from './compare.ts';

/** Prints the sizes of all bundles beside the recorded ones, and fails when one has grown too much. `--accept` records them. */
const record = join(import.meta.dirname, 'recorded.json');
const repository = join(import.meta.dirname, '../../../../..');

const recorded = JSON.parse(await readFile(record, 'utf8')) as Sizes;
const measured = await measure();
const accepting = process.argv.includes('--accept');
const comparisons = compareSizes(accepting ? measured : recorded, measured);
const problems = comparisons.flatMap(({ problem }) => problem ?? []);
console.log(
  table(
    ['bundle', 'bytes', 'recorded', 'change'],
    comparisons.map(({ name, bytes }) => {
      const before = recorded[name];
      return [
        name,
        whole(bytes),
        before === undefined ? '' : whole(before),
        before === undefined ? '' : growth(before, bytes),
      ];
    }),
  ),
);
for (const problem of problems) console.log(`\n${problem}`);
if (problems.length > 0) {
  console.log(
    '\nTo record the sizes: npx pnpm@12 sizes --accept. Say in the changeset what the growth is worth.',
  );
  process.exitCode = 1;
} else if (accepting) {
  await writeFile(record, `${JSON.stringify(measured, null, 2)}\n`);
}

/** What `.size-limit.js` describes, as a host's bundler would make it. */
async function measure(): Promise<Sizes> {
  const { stdout } = await promisify(execFile)('size-limit', ['--json'], { cwd: repository });
  const sizes = JSON.parse(stdout) as readonly { readonly name: string; readonly size: number }[];
  return Object.fromEntries(sizes.map(({ name, size }) => [name, size]));
}

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { metricUnits } from '@huntaze/rate-limiter-client/contract';
import { expect, it } from 'vitest';

const repository = join(import.meta.dirname, '../../../..');
const page = await readFile(join(repository, 'docs/observability.md'), 'utf8');
const source = await readFile(join(repository, 'packages/client/src/contract/metrics.ts'), 'utf8');

const rows = [...page.matchAll(/^\| `(\w+)` +\| (Count|Milliseconds) +\| \w+ +\| (.*?) +\|$/gm)];

it('the documentation lists every metric with its unit', () => {
  expect(rows.map(([, name, unit]) => [name, unit])).toEqual(Object.entries(metricUnits));
});

it('the documentation says of a metric what its docstring says', () => {
  const docstrings = source.matchAll(/\/\*\* (.*) \*\/\n {2}(\w+): '(?:Count|Milliseconds)',/g);
  const said = [...docstrings].map(([, words, name]) => [name, words]);

  expect(rows.map(([, name, , words]) => [name, words])).toEqual(said);
});

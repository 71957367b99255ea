import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { metricUnits } from '@huntaze/rate-limiter-client/contract';
import { expect, it } from 'vitest';

it('the documentation lists every metric with its unit', async () => {
  const text = await readFile(join(import.meta.dirname, '../../../../docs/observability.md'), 'utf8');
  const listed = [...text.matchAll(/^\| `(\w+)` +\| (Count|Milliseconds) /gm)].map(([, name, unit]) => [
    name,
    unit,
  ]);

  expect(listed).toEqual(Object.entries(metricUnits));
});

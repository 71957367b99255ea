import { readFile } from 'node:fs/promises';
import { metricUnits } from '@huntaze/rate-limiter-client/contract';
import { expect, it } from 'vitest';
import { metricsOfAlarms } from '../../../../examples/lambda-deploy/src/terraform/metrics.fixture.ts';
import { readModule } from '../../../../examples/lambda-deploy/src/terraform/module.fixture.ts';
import { assumptions, costRows, loads, priceRows } from './monthly-cost.ts';

const page = await readFile(new URL('../../../../docs/cost.md', import.meta.url), 'utf8');

/** The rows of each table of the page, without its head. */
const tables = page
  .split(/\n\n/)
  .filter((block) => block.startsWith('|'))
  .map((block) =>
    block
      .trim()
      .split('\n')
      .slice(2)
      .map((row) =>
        row
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      ),
  );

it('the documentation shows what the deployment costs a month, as it is computed', () => {
  expect(tables[0]).toEqual(costRows(Object.keys(metricUnits).length));
  for (const messages of loads) expect(page).toContain(messages.toLocaleString('en-US'));
});

it('the documentation shows every price and where it comes from', () => {
  expect(tables[1]).toEqual(priceRows());
});

it('the documentation states what is assumed, as it is computed with', () => {
  const { receivesPerMessage, billedMsPerInvocation, natKbPerInvocation, logKbPerInvocation } = assumptions;
  for (const words of [
    `${receivesPerMessage} receives`,
    `${billedMsPerInvocation} ms`,
    `${natKbPerInvocation} kB`,
    `${logKbPerInvocation} kB`,
  ]) {
    expect(page).toContain(words);
  }
});

it('the alarms that are billed are those of the deployment', async () => {
  expect(metricsOfAlarms(await readModule())).toHaveLength(assumptions.alarmMetrics);
});

import { parseArgs } from 'node:util';
import { fuzz } from './fuzz.ts';

const { values } = parseArgs({
  options: { from: { type: 'string', default: '1' }, events: { type: 'string', default: '100000' } },
});
const [from, events] = [Number(values.from), Number(values.events)];
const startedMs = performance.now();
const { problems, ...sum } = await fuzz(from, events);
console.log(
  `events ${from} to ${from + events - 1} in ${((performance.now() - startedMs) / 1_000).toFixed(1)} s:`,
  sum,
);
for (const { seed, problem } of problems)
  console.log(`seed ${seed}: ${problem}\n  pnpm fuzz --from ${seed} --events 1`);
if (problems.length > 0) process.exitCode = 1;

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runGroup } from './run-group.ts';
import type { Outcome } from './run-step.ts';
import { groups } from './steps.ts';

/** Most of the steps use more than one core by themselves. */
const AT_ONCE = 2;

function tell({ name, passed, ms, output, shown }: Outcome): void {
  console.log(`${passed ? '✓' : '✗'} ${name.padEnd(16)} ${(ms / 1_000).toFixed(1).padStart(5)} s`);
  if (shown) console.log(`\n${output.trim()}\n`);
}

const packed = await mkdtemp(join(tmpdir(), 'huntaze-check-'));
const failed: string[] = [];
try {
  for (const steps of groups(packed)) {
    const outcomes = await runGroup(steps, AT_ONCE, tell);
    failed.push(...outcomes.filter(({ passed }) => !passed).map(({ name }) => name));
  }
} finally {
  await rm(packed, { recursive: true });
}

console.log(failed.length === 0 ? 'All checks passed.' : `Failed: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { report, type Verdict } from './verdicts.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The file in which this run keeps its verdicts, one a line. */
    verdictsPath: string;
  }
}

let folder: string | undefined;
const FILE = 'verdicts.jsonl';

/** Makes room for the verdicts of the run's faults; vitest calls it once per run. */
export function setup(project: TestProject): void {
  folder = mkdtempSync(join(tmpdir(), 'faults-'));
  project.provide('verdictsPath', join(folder, FILE));
}

/** Prints one table of all faults, at the end of the run. */
export function teardown(): void {
  // Without one the run has ended before it began.
  if (folder === undefined) return;
  const verdicts = keptIn(join(folder, FILE));
  rmSync(folder, { recursive: true, force: true });
  if (verdicts.length > 0) console.log(`\nFaults survived\n\n${report(verdicts)}\n`);
}

const order = ({ where, fault, delivery }: Verdict) => [where, fault, delivery].join();

/** What the run has kept, by what the fault met. Tests that run side by side keep theirs in any order. */
function keptIn(path: string): readonly Verdict[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  const verdicts = lines.map((line) => JSON.parse(line) as Verdict);
  return verdicts.toSorted((a, b) => order(a).localeCompare(order(b)));
}

import { appendFileSync } from 'node:fs';
import { inject } from 'vitest';
import type { Verdict } from './verdicts.ts';

/** Keeps a verdict, whatever it says, for the table at the end of the run. */
export function keep(verdict: Verdict): void {
  appendFileSync(inject('verdictsPath'), `${JSON.stringify(verdict)}\n`);
}

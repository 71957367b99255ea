import type { Branch } from './branches.ts';
import type { Invariant } from './violation.ts';

/** Where a judge says what it finds. */
export interface Bench {
  /** Writes down what must never be, if there is something, and ends the run. */
  fail(invariant: Invariant, subject: string, problem: string | false | undefined): void;
  hit(branch: Branch): void;
}

/** What every run must keep; `docs/guarantees.md` tells what each means. */
export type Invariant =
  | 'rate'
  | 'conservation'
  | 'effect'
  | 'attempts'
  | 'receives'
  | 'fence'
  | 'claim'
  | 'hold'
  | 'due-time'
  | 'order'
  | 'idle'
  | 'memory'
  | 'response'
  | 'liveness';

export interface Violation {
  readonly invariant: Invariant;
  readonly detail: string;
  readonly atMs: number;
}

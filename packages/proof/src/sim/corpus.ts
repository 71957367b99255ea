/**
 * A seed that once failed, and what it had found then. A seed is a world only as long as nothing else is drawn: after a
 * change of the draws it plays another one, and what it had found is kept by a regression test beside the code.
 * `expected` gives the reason why it still fails.
 */
export interface CorpusEntry {
  readonly seed: number;
  readonly found: string;
  readonly expected?: string;
}

/** A seed that once failed, and what it had found. `expected` gives the reason why it still does. */
export interface CorpusEntry {
  readonly seed: number;
  readonly found: string;
  readonly expected?: string;
}

/** Source of chance for jitter. */
export interface Random {
  /** A number in [0, 1). */
  next(): number;
}

/** The engine's generator: for jitter, never for secrets. */
export const systemRandom: Random = { next: () => Math.random() };

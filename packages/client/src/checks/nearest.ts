/** Names that are longer are nobody's typing mistake. */
const LONGEST_NAME = 100;

/**
 * The known name that somebody meant who wrote another one: the most similar, if at most a third of its letters, and
 * one of a short one, are to be changed. Capitals do not count.
 */
export function nearest(name: string, known: readonly string[]): string | undefined {
  if (name.length > LONGEST_NAME) return undefined;
  const written = name.toLowerCase();
  const [best] = known
    .map((one) => ({ one, edits: editsBetween(written, one.toLowerCase()) }))
    .filter(({ one, edits }) => edits <= Math.max(1, Math.floor(one.length / 3)))
    .toSorted((a, b) => a.edits - b.edits);
  return best?.one;
}

/** How many letters must be put in, taken out or replaced (Levenshtein). */
function editsBetween(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let at = 0; at < from.length; at++) {
    const next = [at + 1];
    for (let other = 0; other < to.length; other++) {
      const replaced = row[other]! + Number(from[at] !== to[other]);
      next.push(Math.min(replaced, row[other + 1]! + 1, next[other]! + 1));
    }
    row = next;
  }
  return row[to.length]!;
}

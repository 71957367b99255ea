/** Names that are longer are nobody's typing mistake. */
const LONGEST_NAME = 100;

/** A beginning that is shorter could be that of anything. */
const SHORTEST_BEGINNING = 3;

/** Another form of a word, such as `retries` of `retry`, has as long a beginning in common, and up to as many edits. */
const WORD_BEGINNING = 4;
const WORD_EDITS = 3;

/**
 * The known name that somebody meant who wrote another one: the most similar, if at most a third of its letters, and
 * one of a short one, are to be changed, or if what was written is its beginning, or another form of it. Capitals do not
 * count.
 */
export function nearest(name: string, known: readonly string[]): string | undefined {
  if (name.length > LONGEST_NAME) return undefined;
  const written = name.toLowerCase();
  const [best] = known
    .map((one) => {
      const edits = editsBetween(written, one.toLowerCase());
      const isForm = edits <= WORD_EDITS && shareBeginning(written, one.toLowerCase());
      return { one, edits, isForm };
    })
    .filter(
      ({ one, edits, isForm }) =>
        isForm ||
        edits <= Math.max(1, Math.floor(one.length / 3)) ||
        (written.length >= SHORTEST_BEGINNING && one.toLowerCase().startsWith(written)),
    )
    .toSorted((a, b) => Number(b.isForm) - Number(a.isForm) || a.edits - b.edits);
  return best?.one;
}

function shareBeginning(one: string, other: string): boolean {
  return one.length >= WORD_BEGINNING && one.slice(0, WORD_BEGINNING) === other.slice(0, WORD_BEGINNING);
}

/** How many letters must be put in, taken out, replaced, or swapped with the next one (optimal string alignment). */
function editsBetween(from: string, to: string): number {
  let above: readonly number[] = [];
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let at = 0; at < from.length; at++) {
    const next = [at + 1];
    for (let other = 0; other < to.length; other++) {
      const replaced = row[other]! + Number(from[at] !== to[other]);
      const isSwapped = at > 0 && other > 0 && from[at] === to[other - 1] && from[at - 1] === to[other];
      const swapped = isSwapped ? above[other - 1]! + 1 : Infinity;
      next.push(Math.min(replaced, swapped, row[other + 1]! + 1, next[other]! + 1));
    }
    above = row;
    row = next;
  }
  return row[to.length]!;
}

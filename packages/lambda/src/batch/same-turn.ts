/** The most items of one call. Fewer than a limiter takes: the next call is prepared while this one is answered. */
const MAX_JOINED = 40;

/**
 * Joins the calls about one subject that are made in one turn of the event loop: the first of them waits for the turn to
 * end, and one call answers all, or up to {@link MAX_JOINED}.
 * @param call answers the items of one subject, in their order.
 * @param identityOf tells items apart that must not share a call: equal ones are in different calls. Default: none are equal.
 */
export function joinSameTurn<Item, Answer>(
  call: (items: readonly [Item, ...Item[]]) => Promise<readonly Answer[]>,
  identityOf: (item: Item) => unknown = (item) => item,
): (subject: string, item: Item) => Promise<Answer> {
  const open = new Map<string, Joined<Item, Answer>>();
  const begin = (subject: string, first: Item): Joined<Item, Answer> => {
    const items: [Item, ...Item[]] = [first];
    const answers = Promise.resolve().then(() => {
      if (open.get(subject)?.items === items) open.delete(subject);
      return call(items);
    });
    return { items, identities: new Set([identityOf(first)]), answers };
  };
  return async (subject, item) => {
    const joined = open.get(subject);
    const identity = identityOf(item);
    if (joined && joined.items.length < MAX_JOINED && !joined.identities.has(identity)) {
      joined.identities.add(identity);
      const index = joined.items.push(item) - 1;
      return (await joined.answers)[index]!;
    }
    const begun = begin(subject, item);
    open.set(subject, begun);
    return (await begun.answers)[0]!;
  };
}

interface Joined<Item, Answer> {
  readonly items: [Item, ...Item[]];
  readonly identities: Set<unknown>;
  readonly answers: Promise<readonly Answer[]>;
}

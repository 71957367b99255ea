/** The most items of one call. Fewer than a limiter takes: the next call is prepared while this one is answered. */
const MAX_JOINED = 40;

/**
 * Joins the calls about one subject that are made in one turn of the event loop: the first of them waits for the turn to
 * end, and one call answers all, or up to {@link MAX_JOINED}.
 * @param call answers the items of one subject, in their order.
 * @param identityOf items of equal identity are in different calls. Default: each item is an identity of its own.
 */
export function joinSameTurn<Item, Answer>(
  call: (items: readonly [Item, ...Item[]]) => Promise<readonly Answer[]>,
  identityOf: (item: Item) => unknown = (item) => item,
): (subject: string, item: Item) => Promise<Answer> {
  const open = new Map<string, Joined<Item, Answer>>();
  const begin = (subject: string): Joined<Item, Answer> => {
    const items: Item[] = [];
    const answers = Promise.resolve().then(() => {
      if (open.get(subject)?.items === items) open.delete(subject);
      return call(items as [Item, ...Item[]]);
    });
    const begun = { items, identities: new Set(), answers };
    open.set(subject, begun);
    return begun;
  };
  return async (subject, item) => {
    const identity = identityOf(item);
    const present = open.get(subject);
    const hasRoom = present && present.items.length < MAX_JOINED && !present.identities.has(identity);
    const { items, identities, answers } = hasRoom ? present : begin(subject);
    identities.add(identity);
    const index = items.push(item) - 1;
    return (await answers)[index]!;
  };
}

interface Joined<Item, Answer> {
  readonly items: Item[];
  readonly identities: Set<unknown>;
  readonly answers: Promise<readonly Answer[]>;
}

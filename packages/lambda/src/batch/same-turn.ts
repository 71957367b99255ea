/**
 * Joins the calls about one subject that are made in one turn of the event loop: the first of them waits for the turn to
 * end, and one call answers all.
 * @param call answers the items of one subject, in their order.
 */
export function joinSameTurn<Item, Answer>(
  call: (items: readonly [Item, ...Item[]]) => Promise<readonly Answer[]>,
): (subject: string, item: Item) => Promise<Answer> {
  const open = new Map<
    string,
    { readonly items: [Item, ...Item[]]; readonly answers: Promise<readonly Answer[]> }
  >();
  return async (subject, item) => {
    const joined = open.get(subject);
    if (joined) {
      const index = joined.items.push(item) - 1;
      return (await joined.answers)[index]!;
    }
    const items: [Item, ...Item[]] = [item];
    const answers = Promise.resolve().then(() => {
      open.delete(subject);
      return call(items);
    });
    open.set(subject, { items, answers });
    return (await answers)[0]!;
  };
}

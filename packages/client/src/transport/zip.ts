/**
 * Pairs the items of two lists that belong together.
 * @throws {RangeError} when the lists differ in length: somebody broke a promise, and guessing could lose messages.
 */
export function zip<Left, Right>(left: readonly Left[], right: readonly Right[]): [Left, Right][] {
  if (left.length !== right.length)
    throw new RangeError(`expected ${left.length} items, found ${right.length}`);
  return left.map((item, index) => [item, right[index] as Right]);
}

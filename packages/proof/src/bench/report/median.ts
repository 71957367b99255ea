/**
 * The middle value; of an even number of values, the mean of the middle two.
 * @throws {RangeError} when there is no value.
 */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[sorted.length >> 1];
  const lower = sorted[(sorted.length - 1) >> 1];
  if (upper === undefined || lower === undefined) {
    throw new RangeError('median: expected at least one value, found none');
  }
  return (lower + upper) / 2;
}

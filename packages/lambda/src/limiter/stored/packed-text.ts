import { POSITIONS_PER_PRIORITY, TICKET_EPOCH_US } from '../queue-position.ts';

/**
 * Data as short text: JSON, in which instants, and positions in the queue, are differences to one instant. Lossless for
 * every value that JSON holds.
 */
export function pack(value: unknown, nearUs: number): string {
  const bases = basesAt(nearUs);
  return nearUs.toString(36) + JSON.stringify(value, (_, item: unknown) => shortened(item, bases));
}

/** What {@link pack} was given. */
export function unpack(text: string): unknown {
  const begin = text.search(/[^0-9a-z]/);
  const bases = basesAt(Number.parseInt(text.slice(0, begin), 36));
  return JSON.parse(text.slice(begin), (_, item: unknown) => restored(item, bases));
}

/** Marks a number that is written as a difference, and, doubled, a text that begins like one. */
const MARK = '~';

/** Differences are shorter than the number itself up to here. */
const LONGEST_DIFFERENCE = 2 ** 44;

/** An instant, and its ticket's position in each priority. */
function basesAt(nearUs: number): readonly number[] {
  return [nearUs, ...[0, 1, 2].map((rank) => rank * POSITIONS_PER_PRIORITY + nearUs - TICKET_EPOCH_US)];
}

function shortened(item: unknown, bases: readonly number[]): unknown {
  if (typeof item === 'string') return item.startsWith(MARK) ? MARK + item : item;
  if (typeof item !== 'number' || !Number.isSafeInteger(item) || Math.abs(item) < LONGEST_DIFFERENCE) return item;
  const base = bases.findIndex((one) => Math.abs(item - one) < LONGEST_DIFFERENCE);
  return base === -1 ? item : `${MARK}${base}${(item - bases[base]!).toString(36)}`;
}

function restored(item: unknown, bases: readonly number[]): unknown {
  if (typeof item !== 'string' || !item.startsWith(MARK)) return item;
  if (item.startsWith(MARK, 1)) return item.slice(1);
  return bases[Number(item[1])]! + Number.parseInt(item.slice(2), 36);
}

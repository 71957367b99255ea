import { POSITIONS_PER_PRIORITY, TICKET_EPOCH_US } from '../queue-position.ts';

/**
 * Data as short text: JSON, in which instants, and positions in the queue, are differences to one instant. Lossless for
 * every value that JSON holds.
 */
export function pack(value: unknown, nearUs: number): string {
  const bases = basesAt(nearUs);
  return (
    nearUs.toString(36) + JSON.stringify(value).replace(TEXT_OR_NUMBER, (item) => shortened(item, bases))
  );
}

/** What {@link pack} was given. */
export function unpack(text: string): unknown {
  const begin = text.search(/[^0-9a-z]/);
  const bases = basesAt(Number.parseInt(text.slice(0, begin), 36));
  return JSON.parse(text.slice(begin).replace(TEXT_OR_DIFFERENCE, (item) => restored(item, bases)));
}

const TEXT_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const TEXT_OR_DIFFERENCE = /"(?:[^"\\]|\\.)*"|~\d-?[0-9a-z]+/g;

/** Differences are shorter than the number itself up to here. */
const LONGEST_DIFFERENCE = 2 ** 44;

/** An instant, and the position of its ticket in each priority. */
function basesAt(nearUs: number): readonly number[] {
  return [nearUs, ...[0, 1, 2].map((rank) => rank * POSITIONS_PER_PRIORITY + nearUs - TICKET_EPOCH_US)];
}

function shortened(item: string, bases: readonly number[]): string {
  if (item.startsWith('"')) return item;
  const number = Number(item);
  if (!Number.isSafeInteger(number) || Math.abs(number) < LONGEST_DIFFERENCE) return item;
  const base = bases.findIndex((one) => Math.abs(number - one) < LONGEST_DIFFERENCE);
  return base === -1 ? item : `~${base}${(number - bases[base]!).toString(36)}`;
}

function restored(item: string, bases: readonly number[]): string {
  return item.startsWith('~') ? String(bases[Number(item[1])]! + Number.parseInt(item.slice(2), 36)) : item;
}

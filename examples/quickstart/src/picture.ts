import type { LedgerCall } from '@huntaze/testkit';
import type { DemoMessage } from './messages.ts';

const COLUMNS = 66;
const MS_PER_COLUMN = 200;
const SECONDS_PER_TICK = 2;
const MARGIN = 8;

/**
 * Draws every delivery on a time line per account: one letter each (High, Medium, Low), those of one
 * moment stacked in the order in which they arrived, first at the bottom.
 */
export function drawDeliveries(messages: readonly DemoMessage[], calls: readonly LedgerCall[]): string {
  const letters = new Map(messages.map(({ id, priority }) => [id, priority.charAt(0).toUpperCase()]));
  const startMs = calls[0]?.atMs ?? 0;
  const accounts = [...new Set(messages.map(({ key }) => key))];
  return accounts
    .map((account) => {
      const columns = stack(
        calls.filter(({ key, accepted }) => accepted && key === account),
        startMs,
        letters,
      );
      return drawAccount(account, columns);
    })
    .join('\n');
}

function stack(
  calls: readonly LedgerCall[],
  startMs: number,
  letters: ReadonlyMap<string, string>,
): readonly (readonly string[])[] {
  const columns = Array.from({ length: COLUMNS }, (): string[] => []);
  for (const { id, atMs } of calls) {
    const column = Math.min(COLUMNS - 1, Math.floor((atMs - startMs) / MS_PER_COLUMN));
    columns[column]?.push(letters.get(id) ?? '?');
  }
  return columns;
}

function drawAccount(account: string, columns: readonly (readonly string[])[]): string {
  const height = Math.max(1, ...columns.map(({ length }) => length));
  const rows = Array.from({ length: height }, (_, index) => {
    const level = height - 1 - index;
    const label = index === height - 1 ? account : '';
    return `${label.padStart(MARGIN)} │${columns.map((column) => column[level] ?? ' ').join('')}`.trimEnd();
  });
  const perTick = (SECONDS_PER_TICK * 1_000) / MS_PER_COLUMN;
  const ticks = Math.floor(COLUMNS / perTick);
  const axis = `${' '.repeat(MARGIN)} └${`┬${'─'.repeat(perTick - 1)}`.repeat(ticks)}`;
  const times = Array.from({ length: ticks }, (_, index) => `${index * SECONDS_PER_TICK} s`.padEnd(perTick));
  return `${rows.join('\n')}\n${axis}\n${' '.repeat(MARGIN + 2)}${times.join('')}`.trimEnd() + '\n';
}
